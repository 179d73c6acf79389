using Parley.Apps;
using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Profiles;

/// <summary>
/// Makes another member the owner; the owner before becomes an ordinary member.
/// <code>
/// POST /v4/group_open_http_svc/change_group_owner
/// { "GroupId": "hiking-2019", "NewOwner_Account": "u_ben" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Groups without an owner get one. Members hear of it as of a change of the profile: a tip (OpType 6, InfoType 3) and a change GroupProfile with Owner_Account.
/// Callback Group.CallbackAfterChangeGroupOwner.
/// Errors: 10004 a parameter, or the new owner is no member; 10007 not permitted or a live room, 10010, 10015, 60010 another From_Account than the caller.
/// Source: API reference, groups §3.7.
/// </remarks>
public sealed class ChangeGroupOwner(GroupStore groups, GroupAnnouncements announcements, GroupCallbacks callbacks) : ICommand<ChangeGroupOwnerRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, ChangeGroupOwnerRequest request, CancellationToken cancellation)
    {
        if (caller.RefuseAs(request.From, "From_Account") is { } forbidden)
        {
            return forbidden;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var by = request.From ?? caller.Doer;
        var (actor, attempt) = (GroupActor.Of(caller, request.From), RecentAttempts.NewName());
        var callback = callbacks.Begin(CallbackCause.Of(caller), CallbackCommands.AfterGroupOwnerChanged);
        var change = await groups.ApplyAsync(key, group => Change(group, request.NewOwner, actor, by, attempt, Tell), cancellation);
        if (!change.TryGet(out var outcome, out var error))
        {
            return error;
        }

        if (outcome.Said is { } said)
        {
            await announcements.SendAsync(key, said);
        }

        return Envelope.Ok;

        void Tell(GroupPartition group, GroupHead head) => callback?.Append(group, GroupCallbackFields.Of(key, head, group.Now) with
        {
            OperatorAccount = caller.Account,
            OldOwnerAccount = head.Owner,
            NewOwnerAccount = request.NewOwner,
        });
    }

    private static Result<Outcome> Change(
        GroupPartition group, string newOwner, GroupActor actor, string by, string attempt, Action<GroupPartition, GroupHead> tell)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        var (before, after) = (head.Owner.Length > 0 ? group.FindMember(head.Owner) : null, group.FindMember(newOwner));
        var profile = group.Profile;
        if (profile.Attempt == attempt)
        {
            return new Outcome(null);
        }

        if (group.RefuseChange(head, GroupAction.Transfer, actor) is { } refusal)
        {
            return refusal;
        }

        if (after is null)
        {
            return ApiError.NoGroupMember.In("NewOwner_Account");
        }

        if (head.Owner == newOwner)
        {
            return new Outcome(null);
        }

        if (before is not null)
        {
            group.Put(before with { Role = GroupRole.Member });
        }

        group.Put(after with { Role = GroupRole.Owner });
        tell(group, head);
        profile = profile with { Attempt = attempt, InfoSeq = profile.InfoSeq + 1, InfoTime = group.NowSeconds };
        group.Put(profile);
        var content = new GroupDescription { OwnerAccount = newOwner, InfoSeq = profile.InfoSeq, LastInfoTime = profile.InfoTime }.ToRawJson();
        var tip = new GroupTip(TipKindOfChange.ProfileChanged, by, [newOwner], [new TipChange(3, newOwner)]);
        return new Outcome(GroupAnnouncement.Write(group, head with { Owner = newOwner }, GroupEvent.Profile, by, content, tip));
    }

    private sealed record Outcome(GroupAnnouncement? Said);
}

public sealed record ChangeGroupOwnerRequest(string GroupId, string NewOwner, string? From) : IRequest<ChangeGroupOwnerRequest>
{
    public static ChangeGroupOwnerRequest Read(FieldReader fields) => new(
        fields.GroupId(),
        fields.Account("NewOwner_Account", ApiError.GroupParameter),
        fields.OptionalAccount("From_Account", ApiError.GroupParameter));
}
