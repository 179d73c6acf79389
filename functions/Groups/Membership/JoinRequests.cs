using Parley.Groups.Callbacks;
using Parley.Groups.Live;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>
/// Applications and invitations that wait for somebody's consent. The first decision wins: it is noted in the group's partition, with the new member's row where it
/// is yes, so two who decide at once cannot both.
/// </summary>
public sealed class JoinRequests(GroupStore groups, GroupJoining joining, LiveAttendance live, RequestNotices notices)
{
    /// <summary>Requests that nobody has answered are void after this time.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromDays(7);

    /// <summary>Files a request and tells those who may decide; one that waits already is kept and told again.</summary>
    /// <param name="refuse">Looks whether it may be asked, in the transaction that notes it.</param>
    /// <returns>Null when it waits now; else why not.</returns>
    public async Task<ApiError?> FileAsync(GroupKey key, JoinRequest request, Func<GroupPartition, GroupHead, ApiError?> refuse, CancellationToken cancellation)
    {
        var filed = await FileAsync(key, [request], refuse, cancellation);
        return filed.TryGet(out var results, out var error) ? results[0] : error;
    }

    /// <summary>As the other, for many accounts, some in one transaction.</summary>
    /// <returns>For each null or why not, in the order of the requests; why nobody may be asked for.</returns>
    public async Task<Result<List<ApiError?>>> FileAsync(
        GroupKey key, IReadOnlyList<JoinRequest> requests, Func<GroupPartition, GroupHead, ApiError?> refuse, CancellationToken cancellation)
    {
        var (results, waiting) = (new List<ApiError?>(), new List<JoinRequest>());
        ApiError? wrong = null;
        foreach (var batch in requests.Chunk(GroupStore.RowsAtOnce))
        {
            if (!(await groups.ApplyAsync(key, group => File(group, batch, refuse), cancellation)).TryGet(out var filed, out wrong))
            {
                break;
            }

            results.AddRange(filed.Select(one => one.Error));
            waiting.AddRange(filed.Where(one => one.Error is null).Select(one => one.Value));
        }

        await notices.TellDecidersAsync(key, waiting, cancellation);
        return wrong is null ? results : wrong;
    }

    /// <summary>Decides on a request.</summary>
    /// <returns>Null when it is decided; 10024 when it was before, 10004 when there is none, 10014 full: it waits on then.</returns>
    public async Task<ApiError?> DecideAsync(CallbackCause cause, GroupKey key, JoinDecision decision, string text, CancellationToken cancellation)
    {
        var error = decision.IsAccepted
            ? await AcceptAsync(cause, key, decision, cancellation)
            : (await groups.ApplyAsync(key, decision.Note, cancellation)).Error;
        if (error is null)
        {
            await notices.TellAskerAsync(key, decision, text, cancellation);
        }

        return error;
    }

    /// <summary>Whether an account was let in not long ago, so that it may come back without asking anew.</summary>
    public async Task<bool> IsAcceptedAsync(GroupKey key, string account, DateTimeOffset now, CancellationToken cancellation) =>
        await groups.ReadAsync(key, JoinRequest.RowKeyOf(JoinRequestKind.Application, account), cancellation) is { } row
        && JoinRequest.FromRow(row) is { Decision: true } request && !request.IsVoid(now);

    /// <summary>Requests of a group that wait, in the order of their accounts' keys.</summary>
    /// <param name="after">The account that the page before ended with; empty for none.</param>
    public async Task<IReadOnlyList<JoinRequest>> ListAsync(
        GroupKey key, JoinRequestKind kind, DateTimeOffset now, string after, int most, CancellationToken cancellation)
    {
        var prefix = JoinRequest.PrefixOf(kind);
        var from = after.Length == 0 ? prefix : JoinRequest.RowKeyOf(kind, after) + ' ';
        var found = new List<JoinRequest>();
        await foreach (var row in groups.QueryAsync(key, from, $"{prefix[0]}}}", cancellation))
        {
            if (JoinRequest.FromRow(row) is { Decision: null } request && !request.IsVoid(now))
            {
                found.Add(request);
                if (found.Count == most)
                {
                    break;
                }
            }
        }

        return found;
    }

    private static Result<List<Result<JoinRequest>>> File(GroupPartition group, JoinRequest[] requests, Func<GroupPartition, GroupHead, ApiError?> refuse)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (refuse(group, head) is { } refusal)
        {
            return refusal;
        }

        var filed = requests.Select(request => File(group, request)).ToList();
        group.Put(head);
        return filed;
    }

    private static Result<JoinRequest> File(GroupPartition group, JoinRequest request)
    {
        // Both are read at once, whatever the first says.
        var (known, member) = (JoinRequest.Find(group, request.Kind, request.Account), group.FindMember(request.Account));
        if (member is not null)
        {
            return ApiError.AlreadyMember;
        }

        if (known is { Decision: null } && !known.IsVoid(group.Now))
        {
            return known;
        }

        group.Rows.Put(request.ToRow());
        return request;
    }

    private async Task<ApiError?> AcceptAsync(CallbackCause cause, GroupKey key, JoinDecision decision, CancellationToken cancellation)
    {
        if (await groups.ReadHeadAsync(key, cancellation) is { Traits.IsLive: true } head)
        {
            return (await groups.ApplyAsync(key, decision.Note, cancellation)).Error
                ?? await live.JoinAsync(cause, key, head, LiveListener.Of(new AccountKey(key.SdkAppId, decision.Account)), cancellation);
        }

        // By whom it is told that the account came: the one who asked.
        var asked = await groups.ReadAsync(key, JoinRequest.RowKeyOf(decision.Kind, decision.Account), cancellation);
        var inviter = asked is null ? "" : JoinRequest.FromRow(asked).Inviter;
        var options = new JoinOptions(inviter.Length > 0 ? inviter : decision.Account, IsSilent: false)
        {
            Cause = cause with { Account = inviter.Length > 0 ? inviter : decision.Account },
            JoinType = inviter.Length > 0 ? JoinOptions.Invited : JoinOptions.Applied,
            // Noted only where the account comes in: a full group leaves the request as it is.
            Refuse = (group, _) => decision.Judge(group).Error,
            Also = (group, _) => decision.Note(group),
        };
        var added = await joining.AddAsync(cause.App, key, [new NewMember(decision.Account)], options, cancellation);
        return added.TryGet(out var results, out var error) && results[0] == JoinResult.AlreadyMember
            ? (await groups.ApplyAsync(key, decision.Note, cancellation)).Error
            : error;
    }
}
