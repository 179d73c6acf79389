using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Apps;
using Parley.Events;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>How a membership turned out.</summary>
/// <param name="IsMember">What the group's own row says.</param>
public sealed record MembershipOutcome(bool IsMember, long Epoch, long JoinTime, long HearsUntil);

/// <summary>What became of an attempt to end a change.</summary>
public enum FinishResult
{
    Done,

    /// <summary>Somebody has written the row meanwhile: look again.</summary>
    Overtaken,

    /// <summary>The change is not under way any more: its own end was stored, though the answer was lost, or somebody took it for broken off.</summary>
    TakenOff,
}

/// <summary>The groups of accounts: rows <c>g|{group}</c> of the account's partition, and <c>g</c> that counts them.</summary>
public sealed class MembershipTable(TableStore tables, TimeProvider time)
{
    private const string CountRow = "g";
    private const string CountColumn = "Count";

    /// <summary>Notes that an account is about to join.</summary>
    /// <param name="most">How many groups an account may be in.</param>
    /// <returns>The row; 10019 no such account, 10037 too many groups.</returns>
    public Task<Result<GroupMembership>> BeginJoinAsync(
        AccountKey account, string groupId, GroupType type, long epoch, int most, CancellationToken cancellation)
    {
        var (now, attempt) = (time.GetUtcNow().ToUnixTimeSeconds(), RecentAttempts.NewName());
        return tables.AccountWriter.ApplyAsync<Result<GroupMembership>>(account.PartitionKey, view =>
        {
            if (Find(view, groupId) is { } known)
            {
                return Begin(view, known, attempt, now);
            }

            var count = view.Get(CountRow)?.GetInt64(CountColumn) ?? 0;
            if (!view.ExistsLikely(AccountTable.AccountRow))
            {
                return ApiError.GroupAccountNotFound;
            }

            if (count >= most)
            {
                return ApiError.TooManyGroupsOfAccount;
            }

            PutCount(view, count + 1);
            return Begin(view, new GroupMembership { GroupId = groupId, Type = type, Epoch = epoch }, attempt, now);
        }, cancellation);
    }

    /// <summary>Notes that an account is about to leave, or that its membership is in doubt.</summary>
    /// <returns>The row; null when the account is in no such group.</returns>
    public Task<GroupMembership?> BeginAsync(AccountKey account, string groupId, CancellationToken cancellation)
    {
        var (now, attempt) = (time.GetUtcNow().ToUnixTimeSeconds(), RecentAttempts.NewName());
        return tables.AccountWriter.ApplyAsync(
            account.PartitionKey, view => Find(view, groupId) is { } known ? Begin(view, known, attempt, now) : null, cancellation);
    }

    /// <summary>Ends what was begun, if nobody wrote the row since it was seen.</summary>
    /// <param name="own">The request whose change it is; null to take off all that were seen.</param>
    /// <param name="notice">An event that the account gets in the same transaction.</param>
    /// <returns>Whether it was ended, and the event as it was stored; nothing is written otherwise.</returns>
    public Task<(FinishResult Result, StoredEvent? Told)> TryFinishAsync(
        AccountKey account, GroupMembership seen, MembershipOutcome outcome, string? own, AccountEvent? notice, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return tables.AccountWriter.ApplyAsync<(FinishResult, StoredEvent?)>(account.PartitionKey, view =>
        {
            if (Find(view, seen.GroupId) is not { } row || (own is not null && !row.UnderWay.Contains(own)))
            {
                return (FinishResult.TakenOff, null);
            }

            // Versions begin anew with the row; attempts do not.
            if ((row.Version, row.Attempt) != (seen.Version, seen.Attempt))
            {
                return (FinishResult.Overtaken, null);
            }

            var others = own is null ? [] : row.UnderWay.Where(attempt => attempt != own).ToList();
            if (outcome.IsMember || others.Count > 0)
            {
                view.Put((row with
                {
                    UnderWay = others,
                    Version = row.Version + 1,
                    Epoch = outcome.Epoch,
                    JoinTime = outcome.JoinTime,
                    HearsUntil = outcome.HearsUntil,
                }).ToRow());
            }
            else
            {
                view.Delete(row.RowKey);
                PutCount(view, Math.Max(0, (view.Get(CountRow)?.GetInt64(CountColumn) ?? 1) - 1));
            }

            return (FinishResult.Done, notice is null ? null : EventTimeline.Append(view, notice, now));
        }, cancellation);
    }

    /// <summary>A membership as the table has it.</summary>
    public async Task<GroupMembership?> ReadAsync(AccountKey account, string groupId, CancellationToken cancellation)
    {
        var answer = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(
            account.PartitionKey, GroupMembership.RowKeyOf(groupId), cancellationToken: cancellation);
        return answer.HasValue ? GroupMembership.FromRow(answer.Value!) : null;
    }

    /// <summary>All memberships of an account, one query; those that are pending are to be looked at more closely.</summary>
    public async Task<IReadOnlyList<GroupMembership>> ListAsync(AccountKey account, CancellationToken cancellation)
    {
        var partition = account.PartitionKey;
        var (from, to) = (GroupMembership.Prefix, "g}");
        var found = new List<GroupMembership>();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}");
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(partition, filter, cancellationToken: cancellation))
        {
            found.Add(GroupMembership.FromRow(row));
        }

        return found;
    }

    private static GroupMembership? Find(PartitionView view, string groupId) =>
        view.Get(GroupMembership.RowKeyOf(groupId)) is { } row ? GroupMembership.FromRow(row) : null;

    private static GroupMembership Begin(PartitionView view, GroupMembership row, string attempt, long now)
    {
        if (row.UnderWay.Contains(attempt))
        {
            return row;
        }

        // What was begun so long ago has broken off; nothing more will come of it.
        IReadOnlyList<string> others = row.IsBroken(now) ? [] : row.UnderWay;
        var begun = row with { UnderWay = [.. others, attempt], Version = row.Version + 1, Attempt = attempt, BegunAt = now };
        view.Put(begun.ToRow());
        return begun;
    }

    private static void PutCount(PartitionView view, long count) => view.Put(new TableEntity { RowKey = CountRow, [CountColumn] = count });
}
