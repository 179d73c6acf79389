using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Groups.Messages;
using Parley.Rest;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>Why members go.</summary>
public enum LeaveReason
{
    Quit = TipKindOfChange.Quit,
    Kick = TipKindOfChange.Kick,
}

/// <summary>How members are removed.</summary>
/// <param name="Operator">Who does it; empty for an administrator of the app.</param>
/// <param name="IsSilent">Nobody else hears of it.</param>
/// <param name="Text">Passed on in the notice.</param>
public sealed record LeaveOptions(LeaveReason Reason, string Operator, bool IsSilent, string? Text = null)
{
    /// <summary>Looks whether anybody may be removed, in the transaction that does it.</summary>
    public Func<GroupPartition, GroupHead, ApiError?> RefuseAll { get; init; } = static (_, _) => null;

    /// <summary>Looks whether a member may be removed, in the transaction that does it.</summary>
    public Func<GroupPartition, GroupHead, GroupMember, ApiError?> Refuse { get; init; } = static (_, _, _) => null;

    /// <summary>What an account hears that was removed.</summary>
    public Func<string, GroupNotice?> Notice { get; init; } = static _ => null;

    /// <summary>Whom callbacks tell of; null for none.</summary>
    public CallbackCause? Cause { get; init; }
}

/// <summary>
/// Removes members: notes it with each account, removes them from the group, many in one transaction, then has their devices no longer hear it. Safe to repeat. Once the
/// group's transaction is through, no message of theirs is accepted.
/// </summary>
public sealed class GroupLeaving(
    GroupStore groups, MembershipTable memberships, MembershipSettlement settlement, GroupDelivery delivery, GroupCallbacks callbacks, DailyStatistics statistics)
{
    private const int AtOnce = 16;

    /// <summary>Removes members; who is none is passed over.</summary>
    /// <returns>Who was removed; 10010, or why one of them may not be: nobody is removed then, unless that came about while they were.</returns>
    public async Task<Result<List<string>>> RemoveAsync(
        GroupKey key, IReadOnlyList<string> accounts, LeaveOptions options, CancellationToken cancellation)
    {
        var distinct = accounts.Distinct().ToList();
        var (begun, isMember) = (new GroupMembership?[distinct.Count], new bool[distinct.Count]);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, distinct.Count), parallel, async (i, token) =>
            (isMember[i], begun[i]) = await BeginAsync(key, distinct[i], token));

        var removed = new List<string>();
        GroupHead? head = null;
        // Who may not do it is told so even when there is nobody to remove.
        var batches = distinct.Where((_, i) => isMember[i]).Chunk(GroupStore.RowsAtOnce).DefaultIfEmpty([]).ToList();
        var wrong = batches.Count == 1 ? null : await groups.ApplyAsync(key, group => FindObjection(group, [.. batches.SelectMany(batch => batch)], options), cancellation);
        foreach (var batch in wrong is null ? batches : [])
        {
            var callback = callbacks.Begin(options.Cause, CallbackCommands.AfterMembersLeave);
            var change = await groups.ApplyAsync(key, group => Remove(group, batch, options, callback), cancellation);
            if (!change.TryGet(out var outcome, out wrong))
            {
                break;
            }

            head = outcome.Head;
            removed.AddRange(outcome.Removed);
            statistics.GroupQuit(key.SdkAppId, outcome.Removed.Count);
            if (outcome.Tip is { } tip)
            {
                await delivery.SendAsync(key, head.Epoch, GroupEvents.OfMessage(key, head.Epoch, tip));
            }
        }

        await FinishAsync(key, head, begun.OfType<GroupMembership>().Zip(distinct.Where((_, i) => begun[i] is not null)), removed, options);
        return wrong is null ? removed : wrong;
    }

    // Who is not in the account's list is no member, unless it becomes one just now: then it is in the list by then. A member without a list has no account.
    private async Task<(bool IsMember, GroupMembership? Begun)> BeginAsync(GroupKey key, string name, CancellationToken cancellation)
    {
        var account = new AccountKey(key.SdkAppId, name);
        if (await memberships.BeginAsync(account, key.GroupId, cancellation) is { } begun)
        {
            return (true, begun);
        }

        return await groups.ReadMemberAsync(key, name, cancellation) is null
            ? (false, null)
            : (true, await memberships.BeginAsync(account, key.GroupId, cancellation));
    }

    private static ApiError? FindObjection(GroupPartition group, string[] accounts, LeaveOptions options)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        // All are looked at, so that all are read at once.
        var members = accounts.Select(group.FindMember).OfType<GroupMember>().ToList();
        return options.RefuseAll(group, head) ?? members.Select(member => options.Refuse(group, head, member)).OfType<ApiError>().FirstOrDefault();
    }

    private static Result<LeaveOutcome> Remove(GroupPartition group, string[] accounts, LeaveOptions options, AfterCallback? callback)
    {
        if (FindObjection(group, accounts, options) is { } objection)
        {
            return objection;
        }

        var head = group.Head!;
        var members = accounts.Select(group.FindMember).OfType<GroupMember>().ToList();
        if (members.Count == 0)
        {
            return new LeaveOutcome([], head, null);
        }

        members.ForEach(member => group.RemoveMember(member.Account));
        var names = members.ConvertAll(member => member.Account);
        callback?.Append(group, ExitFields(group.Key, head, names, options.Reason, options.Cause!, group.Now));
        head = head with { Members = head.Members - members.Count, Owner = names.Contains(head.Owner) ? "" : head.Owner };
        if (options.IsSilent || head.Traits.Tips != TipKind.Stored || !head.IsActive)
        {
            group.Put(head);
            return new LeaveOutcome(names, head, null);
        }

        var tip = new GroupTip((TipKindOfChange)options.Reason, options.Operator, names, Reason: options.Text);
        var appended = group.AppendTip(head, tip);
        return new LeaveOutcome(names, head, tip.ToMessage(head.Counted) with { Seq = appended.Sequence, Time = appended.Time });
    }

    /// <summary>What the callback about members who have gone tells.</summary>
    public static GroupCallbackFields ExitFields(
        GroupKey key, GroupHead head, IReadOnlyList<string> accounts, LeaveReason reason, CallbackCause cause, DateTimeOffset at) =>
        GroupCallbackFields.Of(key, head, at) with
        {
            ExitType = reason == LeaveReason.Kick ? "Kicked" : "Quit",
            OperatorAccount = reason == LeaveReason.Kick ? cause.Account : accounts[0],
            ExitMemberList = GroupCallbackFields.Members(accounts),
        };

    // A caller that leaves does not stop what has begun.
    private async Task FinishAsync(
        GroupKey key, GroupHead? head, IEnumerable<(GroupMembership Begun, string Account)> begun, List<string> removed, LeaveOptions options)
    {
        await Parallel.ForEachAsync(begun, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (pair, token) =>
        {
            var isOut = removed.Contains(pair.Account);
            var member = isOut ? null : await groups.ReadLastingMemberAsync(key, pair.Account, token);
            await settlement.FinishAsync(
                new AccountKey(key.SdkAppId, pair.Account), key, pair.Begun, head?.Epoch ?? pair.Begun.Epoch, member,
                isOut ? options.Notice(pair.Account)?.ToEvent(pair.Begun.Attempt) : null, token);
        });
    }

    private sealed record LeaveOutcome(IReadOnlyList<string> Removed, GroupHead Head, GroupMessage? Tip);
}
