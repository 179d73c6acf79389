using System.Collections.Concurrent;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Groups.Messages;
using Parley.Rest;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>An account that is to become a member.</summary>
/// <param name="JoinTime">Unix seconds; null for now.</param>
/// <param name="Unread">How much it has not read; for imports.</param>
public sealed record NewMember(string Account, GroupRole Role = GroupRole.Member, RawJson? Custom = null, long? JoinTime = null, long Unread = 0);

/// <summary>What became of one: the numbers of add_group_member.</summary>
public enum JoinResult
{
    Failed = 0,
    Added = 1,
    AlreadyMember = 2,

    /// <summary>Somebody must agree first.</summary>
    Waiting = 3,
}

/// <summary>How members are added.</summary>
/// <param name="Operator">Who does it; empty for an administrator of the app, the account itself where it joins.</param>
/// <param name="IsSilent">Nobody hears of it.</param>
public sealed record JoinOptions(string Operator, bool IsSilent)
{
    /// <summary>Looks whether it may be done, in the transaction that does it.</summary>
    public Func<GroupPartition, GroupHead, ApiError?> Refuse { get; init; } = static (_, _) => null;

    /// <summary>Writes more of the group in the same transaction, for each account that is added.</summary>
    public Action<GroupPartition, string> Also { get; init; } = static (_, _) => { };

    /// <summary>What an account hears that was added.</summary>
    public Func<string, GroupNotice?> Notice { get; init; } = static _ => null;

    /// <summary>Whom callbacks tell of; null for none.</summary>
    public CallbackCause? Cause { get; init; }

    /// <summary>What callbacks call it: Apply or Invited.</summary>
    public string JoinType { get; init; } = Invited;

    public const string Applied = "Apply";
    public const string Invited = "Invited";
}

/// <summary>
/// Adds members: notes it with each account, adds them to the group, many in one transaction, then has their devices hear the group. Safe to
/// repeat: who was added is a member already then, and what broke off is settled.
/// </summary>
public sealed class GroupJoining(
    GroupStore groups, MembershipTable memberships, MembershipSettlement settlement, GroupDelivery delivery, GroupCallbacks callbacks, DailyStatistics statistics)
{
    private const int AtOnce = 16;

    // A member's row and, for some, one row more.
    private const int MembersAtOnce = GroupStore.RowsAtOnce / 2;

    /// <summary>Adds members.</summary>
    /// <returns>What became of each, in the order of the request; 10010, 10014 full, 10019 unknown account: nobody is added then.</returns>
    public async Task<Result<JoinResult[]>> AddAsync(
        App app, GroupKey key, IReadOnlyList<NewMember> members, JoinOptions options, CancellationToken cancellation)
    {
        if (await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        var distinct = members.DistinctBy(member => member.Account).ToList();
        var begun = await BeginAsync(app, key, head, distinct, cancellation);
        var able = distinct.Where(member => begun[member.Account].Error is null).ToList();
        var progress = new JoinProgress();
        var wrong = begun.Values.Select(result => result.Error).FirstOrDefault(error => error == ApiError.GroupAccountNotFound)
            ?? (able.Count == 0 ? begun.Values.Select(result => result.Error).OfType<ApiError>().FirstOrDefault() : null)
            ?? await AddAllAsync(key, able, options, progress, cancellation);

        // The new members hear of themselves too.
        await FinishAsync(key, head, begun, options, progress.Joined);
        foreach (var outcome in progress.Outcomes)
        {
            await TellAsync(key, outcome);
        }

        return wrong is null ? members.Select(member => progress.Results.GetValueOrDefault(member.Account, JoinResult.Failed)).ToArray() : wrong;
    }

    private async Task<ApiError?> AddAllAsync(GroupKey key, List<NewMember> able, JoinOptions options, JoinProgress progress, CancellationToken cancellation)
    {
        for (var isExact = false; able.Count > 0;)
        {
            var batch = able.Take(MembersAtOnce).ToList();
            var others = able.Count - batch.Count;
            var (joined, full) = (callbacks.Begin(options.Cause, CallbackCommands.AfterMembersJoin), callbacks.Begin(options.Cause, CallbackCommands.AfterGroupFull));
            var added = await groups.ApplyAsync(key, group => Add(group, batch, others, options, joined, full), cancellation);
            if (added.Error is { } error && (isExact || error != ApiError.GroupFull))
            {
                await (error == ApiError.GroupFull ? callbacks.TellFullAsync(key, options.Cause) : Task.CompletedTask);
                return error;
            }

            if (added.Error is not null)
            {
                // Those that are members already take no room.
                isExact = true;
                await RemoveMembersAsync(key, able, progress, cancellation);
                continue;
            }

            progress.Note(batch, added.Value);
            statistics.GroupJoined(key.SdkAppId, added.Value.Added.Count);
            able.RemoveRange(0, batch.Count);
        }

        return null;
    }

    private async Task RemoveMembersAsync(GroupKey key, List<NewMember> able, JoinProgress progress, CancellationToken cancellation)
    {
        var known = new ConcurrentBag<string>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(able, parallel, async (member, token) =>
        {
            if (await groups.ReadMemberAsync(key, member.Account, token) is not null)
            {
                known.Add(member.Account);
            }
        });
        foreach (var account in known)
        {
            progress.Results[account] = JoinResult.AlreadyMember;
        }

        able.RemoveAll(member => progress.Results.ContainsKey(member.Account));
    }

    private async Task<Dictionary<string, Result<GroupMembership>>> BeginAsync(
        App app, GroupKey key, GroupHead head, List<NewMember> members, CancellationToken cancellation)
    {
        var begun = new Result<GroupMembership>[members.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, members.Count), parallel, async (i, token) =>
            begun[i] = await memberships.BeginJoinAsync(
                new AccountKey(key.SdkAppId, members[i].Account), key.GroupId, head.Type, head.Epoch, app.MaxGroupsOfAccount, token));
        return members.Zip(begun).ToDictionary(pair => pair.First.Account, pair => pair.Second);
    }

    /// <param name="others">How many more are to come.</param>
    private static Result<JoinOutcome> Add(
        GroupPartition group, List<NewMember> members, int others, JoinOptions options, AfterCallback? joined, AfterCallback? full)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (options.Refuse(group, head) is { } refusal)
        {
            return refusal;
        }

        var added = members.Where(member => group.FindNewMember(member.Account) is null).Select(member => NewRow(group, head, member)).ToList();
        if (added.Count > 0 && head.MaxMembers > 0 && head.Members + added.Count + others > head.MaxMembers)
        {
            return ApiError.GroupFull;
        }

        added.ForEach(group.Put);
        added.ForEach(member => options.Also(group, member.Account));
        if (added.Count == 0)
        {
            return new JoinOutcome(added, head, null);
        }

        var outcome = Close(group, head with { Members = head.Members + added.Count }, added, options);
        joined?.Append(group, JoinedFields(group, head, added, options));
        if (outcome.Head.Members == head.MaxMembers)
        {
            full?.Append(group, GroupCallbacks.FullFields(group.Key, group.Now));
        }

        return outcome;
    }

    private static GroupCallbackFields JoinedFields(GroupPartition group, GroupHead head, List<GroupMember> added, JoinOptions options) =>
        GroupCallbackFields.Of(group.Key, head, group.Now) with
        {
            JoinType = options.JoinType,
            OperatorAccount = options.JoinType == JoinOptions.Applied ? added[0].Account : options.Cause!.Account,
            NewMemberList = GroupCallbackFields.Members(added.Select(member => member.Account)),
        };

    private static JoinOutcome Close(GroupPartition group, GroupHead head, List<GroupMember> added, JoinOptions options)
    {
        if (options.IsSilent || head.Traits.Tips != TipKind.Stored || !head.IsActive)
        {
            group.Put(head);
            return new JoinOutcome(added, head, null);
        }

        var tip = new GroupTip(TipKindOfChange.Join, options.Operator, added.ConvertAll(member => member.Account));
        var appended = group.AppendTip(head, tip);
        return new JoinOutcome(added, head, tip.ToMessage(head.Counted) with { Seq = appended.Sequence, Time = appended.Time });
    }

    private static GroupMember NewRow(GroupPartition group, GroupHead head, NewMember member) => new GroupMember
    {
        Account = member.Account,
        Role = member.Role,
        JoinTime = member.JoinTime ?? group.NowSeconds,
        JoinSeq = head.LastSeq,
        Receive = head.Traits.Receive,
        Custom = member.Custom,
        MutedUntil = head.Mutes > 0 ? group.FindMute(member.Account)?.Until ?? 0 : 0,
    }.WithUnread(head, member.Unread);

    private ValueTask TellAsync(GroupKey key, JoinOutcome outcome) =>
        outcome.Tip is { } tip ? delivery.SendAsync(key, outcome.Head.Epoch, GroupEvents.OfMessage(key, outcome.Head.Epoch, tip)) : ValueTask.CompletedTask;

    // A caller that leaves does not stop what has begun.
    private async Task FinishAsync(
        GroupKey key, GroupHead head, Dictionary<string, Result<GroupMembership>> begun, JoinOptions options, Dictionary<string, GroupMember> joined)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(begun.Where(pair => pair.Value.Error is null), parallel, async (pair, token) =>
        {
            var account = new AccountKey(key.SdkAppId, pair.Key);
            var isNew = joined.TryGetValue(pair.Key, out var member);
            // Whoever was not added is looked up: a member before, or none at all.
            member ??= await groups.ReadLastingMemberAsync(key, pair.Key, token);
            await settlement.FinishAsync(account, key, pair.Value.Value, head.Epoch, member, isNew ? options.Notice(pair.Key)?.ToEvent(pair.Value.Value.Attempt) : null, token);
        });
    }

    private sealed record JoinOutcome(IReadOnlyList<GroupMember> Added, GroupHead Head, GroupMessage? Tip);

    /// <summary>What has become of those that are added.</summary>
    private sealed class JoinProgress
    {
        public Dictionary<string, JoinResult> Results { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, GroupMember> Joined { get; } = new(StringComparer.Ordinal);

        public List<JoinOutcome> Outcomes { get; } = [];

        public void Note(List<NewMember> batch, JoinOutcome outcome)
        {
            Outcomes.Add(outcome);
            batch.ForEach(member => Results[member.Account] = JoinResult.AlreadyMember);
            foreach (var member in outcome.Added)
            {
                (Results[member.Account], Joined[member.Account]) = (JoinResult.Added, member);
            }
        }
    }
}
