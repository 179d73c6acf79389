using Parley.Accounts;
using Parley.Apps;
using Parley.Groups.Callbacks;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>Somebody adds others to a group.</summary>
public sealed record Invitation(GroupKey Group, GroupActor By, bool IsSilent, CallbackCause Cause);

/// <summary>
/// Adds accounts to a group at once, or asks first: owner or admins where the group wants their approval (InviteJoinOption NeedPermission), the invited where the app
/// wants their consent. Administrators of the app add at once.
/// </summary>
public sealed class GroupInvitations(
    AccountDirectory accounts, GroupStore groups, GroupJoining joining, JoinRequests requests, GroupCallbacks callbacks, TimeProvider time)
{
    private const int AtOnce = 16;

    /// <returns>What became of each, in the order of the request; 10007 not permitted, 10019 unknown account, and what <see cref="GroupJoining.AddAsync"/> answers.</returns>
    public async Task<Result<JoinResult[]>> InviteAsync(Invitation invitation, IReadOnlyList<string> invited, CancellationToken cancellation)
    {
        var (key, by, app) = (invitation.Group, invitation.By, invitation.Cause.App);
        var asking = await groups.ApplyAsync(key, group => FindAsking(group, app, by), cancellation);
        if (!asking.TryGet(out var kind, out var error))
        {
            return error;
        }

        if (await FindUnknownAsync(key.SdkAppId, invited, cancellation) is { } unknown)
        {
            return ApiError.GroupAccountNotFound.In(unknown);
        }

        if (!(await callbacks.AskToInviteAsync(invitation.Cause, key, kind.Head, invited, cancellation)).TryGet(out var refused, out error))
        {
            return error;
        }

        var allowed = invited.Where(account => !refused.Contains(account)).ToList();
        var results = allowed.Count == 0 ? Array.Empty<JoinResult>()
            : kind.Asks is { } asks ? await AskAsync(app, invitation, allowed, asks, cancellation)
            : await AddAsync(app, invitation, kind, allowed, cancellation);
        return refused.Count == 0 || results.Error is not null ? results : Spread(invited, allowed, results.Value);
    }

    // Whom the app has refused have failed.
    private static JoinResult[] Spread(IReadOnlyList<string> invited, List<string> allowed, JoinResult[] results)
    {
        var known = allowed.Zip(results).DistinctBy(pair => pair.First).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        return [.. invited.Select(account => known.GetValueOrDefault(account, JoinResult.Failed))];
    }

    private Task<Result<JoinResult[]>> AddAsync(App app, Invitation invitation, Way way, List<string> invited, CancellationToken cancellation)
    {
        var (key, by) = (invitation.Group, invitation.By);

        var inviter = by.IsAppAdmin ? "" : by.Account;
        var options = new JoinOptions(inviter, invitation.IsSilent)
        {
            Refuse = (group, now) => Refuse(group, now, app, by),
            Cause = invitation.Cause,
            Notice = account => invitation.IsSilent || !way.Head.IsActive ? null : new GroupNotice(GroupNoticeType.Invited, key.GroupId, inviter, account),
        };
        return joining.AddAsync(app, key, [.. invited.Select(account => new NewMember(account))], options, cancellation);
    }

    private async Task<string?> FindUnknownAsync(uint app, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var exists = new bool[names.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, names.Count), parallel, async (i, token) =>
            exists[i] = await accounts.ExistsAsync(new AccountKey(app, names[i]), token));
        return names.Where((_, i) => !exists[i]).FirstOrDefault();
    }

    private static ApiError? Refuse(GroupPartition group, GroupHead now, App app, GroupActor by)
    {
        var refusal = FindAsking(group, app, by).Error;
        if (refusal is null)
        {
            group.Guard(now, by);
        }

        return refusal;
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
            head);
    }

    private async Task<Result<JoinResult[]>> AskAsync(
        App app, Invitation invitation, IReadOnlyList<string> invited, JoinRequestKind kind, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var asked = invited.Distinct().Select(account => new JoinRequest(kind, account, invitation.By.Account, "", now)).ToList();
        var filed = await requests.FileAsync(invitation.Group, asked, (group, head) => Refuse(group, head, app, invitation.By), cancellation);
        if (!filed.TryGet(out var errors, out var wrong))
        {
            return wrong;
        }

        var results = asked.Zip(errors).ToDictionary(
            pair => pair.First.Account,
            pair => pair.Second is null ? JoinResult.Waiting : pair.Second == ApiError.AlreadyMember ? JoinResult.AlreadyMember : JoinResult.Failed);
        return invited.Select(account => results[account]).ToArray();
    }

    /// <param name="Asks">Null where nobody needs to agree.</param>
    /// <param name="Head">Of the group as it was looked at.</param>
    private sealed record Way(JoinRequestKind? Asks, GroupHead Head);
}
