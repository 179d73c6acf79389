using Parley.Accounts;
using Parley.Groups.Messages;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Conversations;

/// <summary>
/// Takes a conversation out of its owner's list until the next message, and deletes the owner's copy of its messages if asked to.
/// <code>
/// POST /v4/recentcontact/delete
/// { "From_Account": "jonas", "Type": 1, "To_Account": "mia.k", "ClearRamble": 1 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// It is pinned no more; what was unread counts as read; marks and groups stay. The owner's devices hear a C2CConversationDelete. A conversation that
/// is not in the list counts as deleted. Of a group the owner's devices hear the settings, and a GroupRead if something was unread.
/// Errors: 50001 unknown account, 50002 a parameter, 51007 a group that the account is not in, 60010 another account's list.
/// Source: API reference, openim §12.2.
/// </remarks>
public sealed class DeleteConversation(
    AccountDirectory accounts, ContactDirectory contacts, ConversationRemoval removal, GroupConversations groups, SettingsWriter settings, EventDelivery events)
    : ICommand<DeleteConversationRequest, DisplayEnvelope>
{
    public async Task<Result<DisplayEnvelope>> HandleAsync(Caller caller, DeleteConversationRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        if (await contacts.CheckAsync(owner, request.Item, cancellation) is { } unknown)
        {
            return unknown;
        }

        if (request.Item.IsGroup)
        {
            return await DeleteGroupAsync(owner, request, cancellation) is { } error ? error : DisplayEnvelope.Ok;
        }

        await events.SendAsync(owner, await removal.RemoveAsync(owner, request.Item.ToAccount!, request.ClearsHistory));
        var unpinned = await settings.SetAsync(owner, request.Item, before => before with { IsPinned = false }, cancellation);
        return unpinned is null ? DisplayEnvelope.Ok : unpinned;
    }

    // What comes after it was read has a higher number and is seen.
    private async Task<ApiError?> DeleteGroupAsync(AccountKey owner, DeleteConversationRequest request, CancellationToken cancellation)
    {
        var putAway = await groups.PutAwayAsync(owner, request.Item.ToGroupId!, request.ClearsHistory, cancellation);
        return putAway.TryGet(out var state, out _)
            ? await settings.SetAsync(
                owner, request.Item, before => before with { IsPinned = false, HiddenEpoch = state.Head.Epoch, HiddenSeq = state.Member.ReadSeq }, cancellation)
            : ApiError.ConversationOfNoGroup;
    }
}

public sealed record DeleteConversationRequest(ContactOwner Owner, ContactItem Item, bool ClearsHistory) : IRequest<DeleteConversationRequest>
{
    public static DeleteConversationRequest Read(FieldReader fields) =>
        new(ContactOwner.Read(fields), ContactItem.Read(fields), fields.Flag("ClearRamble", ApiError.ConversationParameter));
}
