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
        var (now, attempt) = (time.GetUtcNow().ToUnixTimeSeconds(), Guid.NewGuid().ToString("N"));
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
        var (now, attempt) = (time.GetUtcNow().ToUnixTimeSeconds(), Guid.NewGuid().ToString("N"));
        return tables.AccountWriter.ApplyAsync(
            account.PartitionKey, view => Find(view, groupId) is { } known ? Begin(view, known, attempt, now) : null, cancellation);
    }

    /// <summary>Ends what was begun, if nobody wrote the row since.</summary>
    /// <param name="pending">How many changes stay under way.</param>
    /// <param name="notice">An event that the account gets in the same transaction.</param>
    /// <returns>Whether nobody did, and the event as it was stored; nothing is written otherwise.</returns>
    public Task<(bool IsDone, StoredEvent? Told)> TryFinishAsync(
        AccountKey account, GroupMembership begun, MembershipOutcome outcome, int pending, AccountEvent? notice, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return tables.AccountWriter.ApplyAsync<(bool, StoredEvent?)>(account.PartitionKey, view =>
        {
            if (Find(view, begun.GroupId) is not { } row || row.Version != begun.Version)
            {
                // Or an own attempt whose answer was lost has: then the settlement that follows finds nothing to do.
                return (false, null);
            }

            if (outcome.IsMember || pending > 0)
            {
                view.Put((row with
                {
                    Pending = pending,
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

            return (true, notice is null ? null : EventTimeline.Append(view, notice, now));
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
        if (row.Attempt == attempt)
        {
            return row;
        }

        // What was begun so long ago has broken off; nothing more will come of it.
        var others = row.IsBroken(now) ? 0 : row.Pending;
        var begun = row with { Pending = others + 1, Version = row.Version + 1, Attempt = attempt, BegunAt = now };
        view.Put(begun.ToRow());
        return begun;
    }

    private static void PutCount(PartitionView view, long count) => view.Put(new TableEntity { RowKey = CountRow, [CountColumn] = count });
}
