using Parley.Apps;
using Parley.Events;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>
/// Applications and invitations that wait for somebody's consent. The first decision wins: it is noted in the group's partition, with the new member's row where it
/// is yes, so two who decide at once cannot both.
/// </summary>
public sealed class JoinRequests(GroupStore groups, GroupJoining joining, AccountEvents events)
{
    /// <summary>Requests that nobody has answered are void after this time.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromDays(7);

    /// <summary>Files a request and tells those who may decide; one that waits already is kept and told again.</summary>
    /// <param name="refuse">Looks whether it may be asked, in the transaction that notes it.</param>
    /// <returns>Null when it waits now; else why not.</returns>
    public async Task<ApiError?> FileAsync(GroupKey key, JoinRequest request, Func<GroupPartition, GroupHead, ApiError?> refuse, CancellationToken cancellation)
    {
        var filed = await groups.ApplyAsync(key, group => File(group, request, refuse), cancellation);
        if (!filed.TryGet(out var waiting, out var error))
        {
            return error;
        }

        await TellDecidersAsync(key, waiting, cancellation);
        return null;
    }

    /// <summary>Decides on a request.</summary>
    /// <param name="decider">Who decides; of an application somebody whose role allows it, of an invitation the account itself.</param>
    /// <returns>Null when it is decided; 10024 when it was before, 10004 when there is none, 10014 full.</returns>
    public async Task<ApiError?> DecideAsync(
        App app, GroupKey key, JoinRequestKind kind, string account, GroupActor decider, bool isAccepted, string text, CancellationToken cancellation)
    {
        var attempt = Guid.NewGuid().ToString("N");
        var error = isAccepted
            ? await AcceptAsync(app, key, kind, account, decider, attempt, cancellation)
            : (await groups.ApplyAsync(key, group => Note(group, kind, account, decider, false, attempt), cancellation)).Error;
        if (error is null)
        {
            await TellAskerAsync(key, kind, account, decider, isAccepted, text, attempt, cancellation);
        }

        return error;
    }

    /// <summary>The requests of a group that wait.</summary>
    public async Task<IReadOnlyList<JoinRequest>> ListAsync(GroupKey key, JoinRequestKind kind, DateTimeOffset now, CancellationToken cancellation)
    {
        var prefix = JoinRequest.PrefixOf(kind);
        var found = new List<JoinRequest>();
        await foreach (var row in groups.QueryAsync(key, prefix, $"{prefix[0]}}}", cancellation))
        {
            if (JoinRequest.FromRow(row) is { Decision: null } request && !IsVoid(request, now))
            {
                found.Add(request);
            }
        }

        return found;
    }

    private static bool IsVoid(JoinRequest request, DateTimeOffset now) => now - DateTimeOffset.FromUnixTimeSeconds(request.AskedAt) > Validity;

    private static Result<JoinRequest> File(GroupPartition group, JoinRequest request, Func<GroupPartition, GroupHead, ApiError?> refuse)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (refuse(group, head) is { } refusal)
        {
            return refusal;
        }

        if (group.FindMember(request.Account) is not null)
        {
            return ApiError.AlreadyMember;
        }

        if (Find(group, request.Kind, request.Account) is { Decision: null } waiting && !IsVoid(waiting, group.Now))
        {
            return waiting;
        }

        group.Rows.Put(request.ToRow());
        group.Put(head);
        return request;
    }

    private async Task<ApiError?> AcceptAsync(
        App app, GroupKey key, JoinRequestKind kind, string account, GroupActor decider, string attempt, CancellationToken cancellation)
    {
        // By whom it is told that the account came: the one who asked.
        var asked = await groups.ReadAsync(key, JoinRequest.RowKeyOf(kind, account), cancellation);
        var inviter = asked is null ? "" : JoinRequest.FromRow(asked).Inviter;
        var options = new JoinOptions(inviter.Length > 0 ? inviter : account, IsSilent: false)
        {
            Refuse = (group, _) => Note(group, kind, account, decider, true, attempt).Error,
        };
        var added = await joining.AddAsync(app, key, [new NewMember(account)], options, cancellation);
        return added.Error;
    }

    private static Result<JoinRequest> Note(GroupPartition group, JoinRequestKind kind, string account, GroupActor decider, bool isAccepted, string attempt)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (kind == JoinRequestKind.Application && group.RefuseChange(head, GroupAction.Approve, decider) is { } refusal)
        {
            return refusal;
        }

        var request = Find(group, kind, account);
        if (request is { Decision: not null })
        {
            return request.Attempt == attempt ? request : ApiError.AlreadyHandled;
        }

        if (request is null || IsVoid(request, group.Now))
        {
            return ApiError.GroupParameter.In("No such request");
        }

        var decided = request with { Decision = isAccepted, DecidedBy = decider.Account, Attempt = attempt };
        group.Rows.Put(decided.ToRow());
        group.Put(head);
        return decided;
    }

    private static JoinRequest? Find(GroupPartition group, JoinRequestKind kind, string account) =>
        group.Rows.Get(JoinRequest.RowKeyOf(kind, account)) is { } row ? JoinRequest.FromRow(row) : null;

    private async Task TellDecidersAsync(GroupKey key, JoinRequest request, CancellationToken cancellation)
    {
        var notice = request.Kind == JoinRequestKind.Invitation
            ? new GroupNotice(GroupNoticeType.Invitation, key.GroupId, request.Inviter, request.Account, request.Text)
            : new GroupNotice(GroupNoticeType.Application, key.GroupId, request.Inviter.Length > 0 ? request.Inviter : request.Account, request.Account, request.Text);
        var told = notice.ToEvent($"{request.Account}:{request.AskedAt}");
        var deciders = request.Kind == JoinRequestKind.Invitation ? [request.Account] : await ListOfficersAsync(key, cancellation);
        await events.AppendAsync(deciders.Select(account => (new AccountKey(key.SdkAppId, account), told)), cancellation);
    }

    private async Task TellAskerAsync(
        GroupKey key, JoinRequestKind kind, string account, GroupActor decider, bool isAccepted, string text, string attempt, CancellationToken cancellation)
    {
        var row = await groups.ReadAsync(key, JoinRequest.RowKeyOf(kind, account), cancellation);
        var inviter = row is null ? "" : JoinRequest.FromRow(row).Inviter;
        var by = decider.IsAppAdmin ? "" : decider.Account;
        if (kind == JoinRequestKind.Application)
        {
            var type = isAccepted ? GroupNoticeType.ApplicationAccepted : GroupNoticeType.ApplicationRefused;
            var asker = inviter.Length > 0 ? inviter : account;
            await events.AppendAsync(
                new AccountKey(key.SdkAppId, asker), new GroupNotice(type, key.GroupId, by, account, text).ToEvent(attempt), cancellation);
        }
        else if (!isAccepted && inviter.Length > 0)
        {
            await events.AppendAsync(
                new AccountKey(key.SdkAppId, inviter), new GroupNotice(GroupNoticeType.InvitationRefused, key.GroupId, by, account, text).ToEvent(attempt), cancellation);
        }
    }

    // The service looks through the group's members, but answers the few that are asked for.
    private async Task<IReadOnlyList<string>> ListOfficersAsync(GroupKey key, CancellationToken cancellation)
    {
        var officers = new List<string>();
        await foreach (var member in groups.QueryOfficersAsync(key, cancellation))
        {
            officers.Add(member.Account);
        }

        return officers;
    }
}
