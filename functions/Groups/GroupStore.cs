using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Groups;

/// <summary>
/// Groups in table <c>groups</c>, a partition for each: <c>h</c> head, <c>i</c> profile, <c>u|{account}</c> members, <c>m|{number}</c> messages and
/// <c>k|{sender}_{random}</c> by which they are recognised, <c>e|{number}</c> changes, <c>r|{number}|{account}</c> read receipts, <c>x|{number}</c> and <c>x|{number}|{hash}</c>
/// extensions, <c>q|{account}</c> mutes, <c>j|{account}</c> and <c>v|{account}</c> requests to join, <c>a</c> attributes, <c>c</c> counters, <c>x</c> instead of <c>h</c> while it is dismissed;
/// of live rooms <c>o</c> who is in, <c>l</c> admins, <c>b|{account}</c> bans.
/// </summary>
public sealed class GroupStore(TableStore tables, TimeProvider time)
{
    /// <summary>Most rows that one change may write, so that it fits into a transaction with the head and the like.</summary>
    public const int RowsAtOnce = 80;

    /// <summary>Runs a change and commits what it writes; see <see cref="PartitionWriter.ApplyAsync"/>.</summary>
    public Task<T> ApplyAsync<T>(GroupKey key, Func<GroupPartition, T> change, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return tables.GroupWriter.ApplyAsync(key.PartitionKey, view => change(new GroupPartition(view, key, now)), cancellation);
    }

    /// <summary>Deletes rows, as many as there are; those that are gone already do not matter.</summary>
    public Task DeleteAsync(GroupKey key, IEnumerable<string> rowKeys, CancellationToken cancellation) =>
        tables.GroupWriter.DeleteAsync(key.PartitionKey, rowKeys, cancellation);

    /// <summary>The group's head as this instance remembers it, or as the table has it; for decisions that may rest on something older.</summary>
    public async ValueTask<GroupHead?> PeekAsync(GroupKey key, CancellationToken cancellation) =>
        tables.GroupWriter.Peek(key.PartitionKey, GroupPartition.HeadRow) is { } known ? GroupHead.FromRow(known) : await ReadHeadAsync(key, cancellation);

    /// <summary>The group's head as the table has it.</summary>
    public async Task<GroupHead?> ReadHeadAsync(GroupKey key, CancellationToken cancellation) =>
        await ReadAsync(key, GroupPartition.HeadRow, cancellation) is { } row ? GroupHead.FromRow(row) : null;

    /// <summary>The group's head and profile as the table has them, one query; null when there is no such group.</summary>
    public async Task<(GroupHead Head, GroupProfile Profile)?> ReadShownAsync(GroupKey key, CancellationToken cancellation)
    {
        GroupHead? head = null;
        var profile = new GroupProfile();
        await foreach (var row in QueryAsync(key, GroupPartition.HeadRow, GroupProfile.RowKey + ' ', cancellation))
        {
            (head, profile) = row.RowKey switch
            {
                GroupPartition.HeadRow => (GroupHead.FromRow(row), profile),
                GroupProfile.RowKey => (head, GroupProfile.FromRow(row)),
                _ => (head, profile),
            };
        }

        return head is null ? null : (head, profile);
    }

    /// <summary>A member as the table has it.</summary>
    public async Task<GroupMember?> ReadMemberAsync(GroupKey key, string account, CancellationToken cancellation) =>
        await ReadAsync(key, GroupMember.RowKeyOf(account), cancellation) is { } row ? GroupMember.FromRow(row) : null;

    /// <summary>As <see cref="ReadMemberAsync"/>, but null while the group is being dismissed: members are settled then before their rows go.</summary>
    public async Task<GroupMember?> ReadLastingMemberAsync(GroupKey key, string account, CancellationToken cancellation) =>
        await ReadMemberAsync(key, account, cancellation) is { } member && await ReadHeadAsync(key, cancellation) is not null ? member : null;

    /// <summary>A row as the table has it; null when there is none.</summary>
    public async Task<TableEntity?> ReadAsync(GroupKey key, string rowKey, CancellationToken cancellation)
    {
        var answer = await tables.Groups.GetEntityIfExistsAsync<TableEntity>(key.PartitionKey, rowKey, cancellationToken: cancellation);
        return answer.HasValue ? answer.Value : null;
    }

    /// <summary>Rows of a group in the order of their keys.</summary>
    /// <param name="from">First key.</param>
    /// <param name="to">The key after the last.</param>
    /// <param name="columns">Those that are needed; null for all.</param>
    public AsyncPageable<TableEntity> QueryAsync(
        GroupKey key, string from, string to, CancellationToken cancellation, IEnumerable<string>? columns = null, int? pageSize = null)
    {
        var partition = key.PartitionKey;
        return tables.Groups.QueryAsync<TableEntity>(
            partition, TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}"), pageSize, columns, cancellation);
    }

    /// <summary>As the other, only those rows whose column Time is in a range.</summary>
    /// <param name="start">Unix seconds.</param>
    /// <param name="end">The second after the last.</param>
    public AsyncPageable<TableEntity> QueryAsync(GroupKey key, string from, string to, long start, long end, CancellationToken cancellation)
    {
        var partition = key.PartitionKey;
        return tables.ScanOf(TableNames.Groups).QueryAsync<TableEntity>(
            partition, TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to} and Time ge {start} and Time lt {end}"), cancellationToken: cancellation);
    }

    /// <summary>The owner and the admins. The service looks through all members, but answers these only.</summary>
    public async IAsyncEnumerable<GroupMember> QueryOfficersAsync(GroupKey key, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (partition, from, to, member) = (key.PartitionKey, GroupMember.Prefix, "u}", nameof(GroupRole.Member));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to} and Role ne {member}");
        await foreach (var row in tables.Groups.QueryAsync<TableEntity>(partition, filter, cancellationToken: cancellation))
        {
            yield return GroupMember.FromRow(row);
        }
    }

    /// <summary>All members, in the order of their keys.</summary>
    public AsyncPageable<TableEntity> QueryMembersAsync(GroupKey key, CancellationToken cancellation, IEnumerable<string>? columns = null, int? pageSize = null) =>
        QueryAsync(key, GroupMember.Prefix, "u}", cancellation, columns, pageSize);
}
