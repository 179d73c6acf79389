using Parley.Apps;
using Parley.Callbacks;
using Parley.Delivery;
using Parley.Events;
using Parley.Groups.Callbacks;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Members;

/// <summary>
/// Changes what a member is in a group, and what it receives: an administrator anybody, an account itself, and others as its role permits.
/// <code>
/// POST /v4/group_open_http_svc/modify_group_member_info
/// { "GroupId": "hiking-2019", "Member_Account": "u_cleo", "Role": "Admin", "NameCard": "Cleo", "MsgFlag": "AcceptNotNotify", "ShutUpTime": 0 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Units: ShutUpTime (MuteTime) seconds, as in forbid_send_msg. All or nothing is changed; what is so already is no change. Members hear of a role (tips OpType 4, 5) and a mute (7) and of
/// everything but MsgFlag by a change GroupMembers, the account of its role by a notice (9, 10) as well; of MsgFlag only the account's own devices. With Discard they hear the group no more; what came meanwhile does not count as unread later.
/// Callback Group.CallbackAfterMemberFieldChanged, where role, name card or mute has changed.
/// Errors: 10004 a parameter, an undeclared custom field, or the account is no member; 10007 not permitted, the owner's role, or the type does not have it; 10010, 10015,
/// 80001 a dirty word in the name card.
/// Source: API reference, groups §4.5. Ours: a name card of others is changed by admins and owners above them, MsgFlag by nobody else.
/// </remarks>
public sealed class ModifyGroupMember(
    GroupStore groups, MessageTextCheck texts, MembershipTable memberships, MembershipSettlement settlement, GroupAnnouncements announcements, AccountEvents events, Outbox outbox,
    GroupCallbacks callbacks)
    : ICommand<ModifyGroupMemberRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, ModifyGroupMemberRequest request, CancellationToken cancellation)
    {
        if (await texts.CheckAsync(caller.App, [request.NameCard], cancellation) is { } dirty)
        {
            return dirty;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var account = new AccountKey(caller.App.SdkAppId, request.Account);
        var callback = callbacks.Begin(CallbackCause.Of(caller), CallbackCommands.AfterGroupMemberChanged);
        var modification = new MemberModification(request, caller, callback);

        // What the devices hear is noted before it is changed, so that what breaks off is found.
        var begun = request.Receive is null ? null : await memberships.BeginAsync(account, request.GroupId, cancellation);
        var change = await groups.ApplyAsync(key, modification.Apply, begun is null ? cancellation : CancellationToken.None);
        if (begun is not null)
        {
            await SettleAsync(account, key, begun, change.Error is null ? change.Value : null);
        }

        if (!change.TryGet(out var modified, out var error))
        {
            return error;
        }

        await TellAsync(account, key, modified);
        return Envelope.Ok;
    }

    private async Task SettleAsync(AccountKey account, GroupKey key, GroupMembership begun, ModifiedMember? modified)
    {
        var member = modified?.Member ?? await groups.ReadLastingMemberAsync(key, account.Account, CancellationToken.None);
        await settlement.FinishAsync(account, key, begun, modified?.Head.Epoch ?? begun.Epoch, member, notice: null, CancellationToken.None);
    }

    private async Task TellAsync(AccountKey account, GroupKey key, ModifiedMember modified)
    {
        if (modified.Said is { } said)
        {
            await announcements.SendAsync(key, said);
        }

        if (modified is { NewRole: { } role, Said.Change: { } change })
        {
            var type = role == GroupRole.Admin ? GroupNoticeType.SetAdmin : GroupNoticeType.CancelAdmin;
            var notice = new GroupNotice(type, key.GroupId, modified.By).ToEvent($"{modified.Head.Epoch}-{change.Sequence}");
            await events.AppendAsync(account, notice, CancellationToken.None);
        }

        if (modified.HasNewReceive)
        {
            var content = MembersChange.Of([new MemberDescription { MemberAccount = account.Account, MsgFlag = modified.Member.Receive.ToString() }]);
            await outbox.SendAsync(account, new GroupEvent { Type = GroupEvent.Members, GroupId = key.GroupId, Content = content }.ToJson());
        }
    }
}
