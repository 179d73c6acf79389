using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups.Membership;

/// <summary>Somebody adds others to a group.</summary>
public sealed record Invitation(GroupKey Group, GroupActor By, bool IsSilent);

/// <summary>
/// Adds accounts to a group at once, or asks first: owner or admins where the group wants their approval (InviteJoinOption NeedPermission), the invited where the app
/// wants their consent. Administrators of the app add at once.
/// </summary>
public sealed class GroupInvitations(GroupStore groups, GroupJoining joining, JoinRequests requests, TimeProvider time)
{
    /// <returns>What became of each, in the order of the request; 10007 not permitted, and what <see cref="GroupJoining.AddAsync"/> answers.</returns>
    public async Task<Result<JoinResult[]>> InviteAsync(App app, Invitation invitation, IReadOnlyList<string> accounts, CancellationToken cancellation)
    {
        var (key, by) = (invitation.Group, invitation.By);
        var asking = await groups.ApplyAsync(key, group => FindAsking(group, app, by), cancellation);
        if (!asking.TryGet(out var kind, out var error))
        {
            return error;
        }

        if (kind.Asks is { } asks)
        {
            return await AskAsync(invitation, accounts, asks, cancellation);
        }

        var inviter = by.IsAppAdmin ? "" : by.Account;
        var options = new JoinOptions(inviter, invitation.IsSilent)
        {
            Refuse = (group, now) =>
            {
                var refusal = FindAsking(group, app, by).Error;
                if (refusal is null)
                {
                    group.Guard(now, by);
                }

                return refusal;
            },
            Notice = account => invitation.IsSilent || kind.IsUnseen ? null : new GroupNotice(GroupNoticeType.Invited, key.GroupId, inviter, account),
        };
        return await joining.AddAsync(app, key, [.. accounts.Select(account => new NewMember(account))], options, cancellation);
    }

    // Whose consent is needed, as the group is now.
    private static Result<Way> FindAsking(GroupPartition group, App app, GroupActor by)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        var role = group.ActorRole(head, by);
        var mayByOption = head.Inviting is JoinOption.FreeAccess or JoinOption.NeedPermission && !head.Traits.IsLive && role >= GroupRole.Member;
        var refusal = head.Inviting == JoinOption.DisableApply && !by.IsAppAdmin ? ApiError.GroupNotPermitted.In("InviteJoinOption")
            : mayByOption ? null
            : GroupRights.Refuse(head.Type, GroupAction.Invite, role);
        if (refusal is not null)
        {
            return refusal;
        }

        return new Way(
            role is GroupRole.AppAdmin ? null
            : head.Inviting == JoinOption.NeedPermission && role < GroupRole.Admin ? JoinRequestKind.Application
            : app.InvitationsNeedConsent ? JoinRequestKind.Invitation
            : null,
            !head.IsActive);
    }

    private async Task<Result<JoinResult[]>> AskAsync(
        Invitation invitation, IReadOnlyList<string> accounts, JoinRequestKind kind, CancellationToken cancellation)
    {
        var results = new JoinResult[accounts.Count];
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        for (var i = 0; i < results.Length; i++)
        {
            var asked = new JoinRequest(kind, accounts[i], invitation.By.Account, "", now);
            var error = await requests.FileAsync(invitation.Group, asked, static (_, _) => null, cancellation);
            results[i] = error is null ? JoinResult.Waiting : error == ApiError.AlreadyMember ? JoinResult.AlreadyMember : JoinResult.Failed;
        }

        return results;
    }

    /// <param name="Asks">Null where nobody needs to agree.</param>
    /// <param name="IsUnseen">Whether the group is not to be seen yet.</param>
    private sealed record Way(JoinRequestKind? Asks, bool IsUnseen);
}
