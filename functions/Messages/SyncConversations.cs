using Parley.Accounts;
using Parley.Events;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Says how far each conversation of an account has come, so that a device can see what it lacks. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/openim/sync
/// { "Owner_Account": "jonas", "Since": 1700000000 }
/// → { "ActionStatus": "OK", …, "Next": 1700000500, "EventEpoch": 1699990000123, "EventSeq": 7,
///     "Timelines": [ { "Timeline": "c2c:mia.k", "Epoch": 1699990000123, "FirstSeq": 1, "LastSeq": 15, "ReadSeq": 12, "UnreadMsgNum": 2, "ShownTime": 1700000388, "Hidden": 0 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Since and Next are Unix seconds: the conversations whose log has grown since then are listed, all of them with 0; Next is what to ask with the next time.
/// EventSeq is the last number of the account's events, EventEpoch tells their timeline from an earlier one; both are 0 when there were none.
/// Errors: 60010 another account, 90001 Since is no number, 90008 Owner_Account. Our own command.
/// </remarks>
public sealed class SyncConversations(AccountDirectory accounts, ConversationList conversations, EventReader events, TimeProvider time)
    : ICommand<SyncRequest, SyncResponse>
{
    /// <summary>An entry has the time at which its change began, by its instance's clock, and may be stored later.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    public async Task<Result<SyncResponse>> HandleAsync(Caller caller, SyncRequest request, CancellationToken cancellation)
    {
        var account = request.Owner ?? caller.Account;
        if (caller.RefuseAs(account, "Owner_Account") is { } forbidden)
        {
            return forbidden;
        }

        var owner = new AccountKey(caller.App.SdkAppId, account);
        if (!await accounts.ExistsAsync(owner, cancellation))
        {
            return ApiError.FromAccountInvalid.In("Owner_Account");
        }

        var next = (time.GetUtcNow() - Margin).ToUnixTimeSeconds();
        var reading = events.ReadHeadAsync(owner, cancellation);
        var found = await conversations.ReadAsync(owner, request.Since, cancellation);
        var head = await reading;
        return new SyncResponse { Next = next, EventEpoch = head.Epoch, EventSeq = head.LastSeq, Timelines = [.. found.Select(TimelineState.From)] };
    }
}

public sealed record SyncRequest(string? Owner, long Since) : IRequest<SyncRequest>
{
    public static SyncRequest Read(FieldReader fields) => new(
        fields.OptionalAccount("Owner_Account", ApiError.FromAccountInvalid), fields.OptionalInteger("Since", ApiError.MessageNumber) ?? 0);
}

public sealed record SyncResponse : Envelope
{
    public required long Next { get; init; }

    public required long EventEpoch { get; init; }

    public required long EventSeq { get; init; }

    public required IReadOnlyList<TimelineState> Timelines { get; init; }
}

/// <summary>How far one conversation has come.</summary>
public sealed record TimelineState(string Timeline, long Epoch, long FirstSeq, long LastSeq, long ReadSeq, long UnreadMsgNum, long ShownTime, int Hidden)
{
    public static TimelineState From(ConversationSummary conversation) => new(
        C2CEvent.TimelineOf(conversation.Peer), conversation.Epoch, conversation.FirstSeq, conversation.LastSeq, conversation.ReadSeq, conversation.Unread, conversation.ShownTime,
        conversation.IsHidden ? 1 : 0);
}
