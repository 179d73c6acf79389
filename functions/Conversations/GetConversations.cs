using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Groups.Messages;
using Parley.Messages;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>
/// Pages through the conversation list of an account, newest first.
/// <code>
/// POST /v4/recentcontact/get_list
/// { "From_Account": "jonas", "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 7 }
/// → { "SessionItem": [ { "Type": 1, "To_Account": "mia.k", "MsgTime": 1700000388, "TopFlag": 1 }, { "Type": 2, "GroupId": "hiking-2019", "MsgTime": 1699990000, "TopFlag": 0 } ],
///     "CompleteFlag": 1, "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 1700000390, "TopStartIndex": 1234, …, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// Units: MsgTime Unix seconds, of the last message that moves the list. The four numbers are to be sent back as they came, until CompleteFlag is 1.
/// AssistFlags: 1 pinned conversations first (else each in its place); 2 empty ones too; 4 page pinned ones (without effect: they fit into the first page).
/// Empty: no message, only such with NoLastMsg, or none that the app keeps or the member sees any more. A conversation that its owner deleted is not listed. A group is listed as long as
/// the account is in it and sees it; tips move the list as messages do, those to some members only do not. Live rooms are not listed.
/// Errors: 50001 unknown account, 50002 a number is missing, none or negative, 60010 another account's list. Source: API reference, openim §12.1; the page size of 100,
/// the order and the meaning of the four numbers are our choice.
/// </remarks>
public sealed class GetConversations(
    AccountDirectory accounts, ConversationList conversations, GroupConversations groups, SettingsReader settings, TimeProvider time)
    : ICommand<GetConversationsRequest, GetConversationsResponse>
{
    private const int PageSize = 100;

    public async Task<Result<GetConversationsResponse>> HandleAsync(Caller caller, GetConversationsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var begun = time.GetUtcNow();

        // In this order: what is pinned while the other is read is seen as changed later.
        var (head, set) = await settings.ReadAsync(owner, cancellation);
        var stored = await conversations.ReadUnsettledAsync(owner, cancellation);
        var ofGroups = await groups.ListAsync(owner, cancellation);
        var changes = stored.Select(conversation => conversation.ModifiedAt).Concat(set.Select(one => one.ModifiedAt)).Append(head.ModifiedAt);
        var latest = Latest(changes, ofGroups, begun);
        var start = caller.App.RoamingStart(time.GetUtcNow());
        var listed = Join(stored, ofGroups, set).Where(conversation => request.IncludesEmpty || (conversation.Time > 0 && conversation.Time >= start)).ToList();
        var page = ListPage.Take(listed, latest, request.Cursor, PageSize, request.PinnedFirst);
        return new GetConversationsResponse
        {
            SessionItem = [.. page.Conversations.Select(ToItem)],
            CompleteFlag = page.IsComplete ? 1 : 0,
            TimeStamp = page.Next.TimeStamp,
            StartIndex = page.Next.StartIndex,
            TopTimeStamp = page.Next.TopTimeStamp,
            TopStartIndex = page.Next.TopStartIndex,
        };
    }

    // Groups are not read at one time with the account's rows: what was changed in between shall come again rather than be missed.
    private static DateTimeOffset Latest(IEnumerable<DateTimeOffset> changes, IReadOnlyList<GroupConversation> groups, DateTimeOffset begun)
    {
        var latest = changes.Concat(groups.Select(group => group.ModifiedAt)).Max();
        return groups.Count == 0 || latest < begun ? latest : begun;
    }

    // A pinned conversation is there even if nothing was ever said in it.
    private static IEnumerable<ListedConversation> Join(
        IReadOnlyList<ConversationSummary> stored, IReadOnlyList<GroupConversation> groups, IReadOnlyList<ConversationSettings> set)
    {
        var settings = set.ToDictionary(one => one.Key, StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var conversation in stored)
        {
            var item = ContactItem.WithAccount(conversation.Peer);
            known.Add(item.Key);
            if (!conversation.IsHidden)
            {
                var own = settings.GetValueOrDefault(item.Key);
                var modifiedAt = own?.ModifiedAt > conversation.ModifiedAt ? own.ModifiedAt : conversation.ModifiedAt;
                yield return new ListedConversation(item, conversation.ShownTime, item.Place, own?.IsPinned ?? false, modifiedAt);
            }
        }

        foreach (var group in groups)
        {
            var item = ContactItem.WithGroup(group.GroupId);
            var own = settings.GetValueOrDefault(item.Key);
            if (own is null || own.HiddenEpoch != group.Epoch || group.ShownSeq > own.HiddenSeq)
            {
                var modifiedAt = own?.ModifiedAt > group.ModifiedAt ? own.ModifiedAt : group.ModifiedAt;
                yield return new ListedConversation(item, group.ShownTime, item.Place, own?.IsPinned ?? false, modifiedAt);
            }
        }

        foreach (var pinned in set.Where(one => one.IsPinned && !ContactItem.OfKey(one.Key).IsGroup && !known.Contains(one.Key)))
        {
            var item = ContactItem.OfKey(pinned.Key);
            yield return new ListedConversation(item, 0, item.Place, true, pinned.ModifiedAt);
        }
    }

    private static SessionItem ToItem(ListedConversation conversation) => new(
        conversation.Item.Type, conversation.Item.ToAccount, conversation.Item.ToGroupId, conversation.Time, conversation.IsPinned ? 1 : 0);
}

public sealed record GetConversationsRequest(ContactOwner Owner, ListCursor Cursor, bool PinnedFirst, bool IncludesEmpty) : IRequest<GetConversationsRequest>
{
    private const int PinnedFlag = 1;
    private const int EmptyFlag = 2;

    public static GetConversationsRequest Read(FieldReader fields)
    {
        var owner = ContactOwner.Read(fields);
        var cursor = new ListCursor(
            ReadNumber(fields, "TimeStamp"), ReadNumber(fields, "StartIndex"), ReadNumber(fields, "TopTimeStamp"), ReadNumber(fields, "TopStartIndex"));
        var flags = ReadNumber(fields, "AssistFlags");
        return new GetConversationsRequest(owner, cursor, (flags & PinnedFlag) != 0, (flags & EmptyFlag) != 0);
    }

    private static long ReadNumber(FieldReader fields, string name) => fields.Unsigned(name, ApiError.ConversationParameter);
}

public sealed record GetConversationsResponse : DisplayEnvelope
{
    public required IReadOnlyList<SessionItem> SessionItem { get; init; }

    public required int CompleteFlag { get; init; }

    public required long TimeStamp { get; init; }

    public required long StartIndex { get; init; }

    public required long TopTimeStamp { get; init; }

    public required long TopStartIndex { get; init; }
}

public sealed record SessionItem(int Type, [property: JsonPropertyName("To_Account")] string? ToAccount, string? GroupId, long MsgTime, int TopFlag);
