using Parley.Apps;
using Parley.Groups.Live;
using Parley.Rest;

namespace Parley.Groups;

/// <summary>What somebody is in a group, for questions; a change looks itself, in its transaction.</summary>
public sealed class GroupRoles(GroupStore groups, LiveRooms rooms)
{
    public async ValueTask<GroupRole> FindAsync(GroupKey key, GroupHead head, GroupActor actor, CancellationToken cancellation) =>
        actor.IsAppAdmin ? GroupRole.AppAdmin
        : head.Traits.IsLive ? (await rooms.FindAsync(key, cancellation))?.RoleOf(actor) ?? GroupRole.NotMember
        : (await groups.ReadMemberAsync(key, actor.Account, cancellation))?.Role ?? GroupRole.NotMember;

    /// <summary>The group and what the caller is in it: 10010 when there is none, or why the caller may not ask.</summary>
    public async Task<Result<(GroupKey Key, GroupHead Head, GroupRole Role)>> AskAsync(
        Caller caller, string groupId, GroupAction action, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, groupId);
        if (await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            return key.NotFound;
        }

        var role = await FindAsync(key, head, GroupActor.Of(caller), cancellation);
        return GroupRights.Refuse(head.Type, action, role) is { } refusal ? refusal : (key, head, role);
    }
}
