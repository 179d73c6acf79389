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
/// of live rooms <c>o</c> who is in, <c>l</c> admins, <c>b|{account}</c> bans; of communities <c>t</c> which topics there are, and <c>t|{topic}|</c> and such a key as above for the rows of each.
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
    public Task DeleteAsync(GroupKey key, IEnumerable<string> rowKeys, CancellationToken cancellation)
    {
        var prefix = key.RowPrefix;
        return tables.GroupWriter.DeleteAsync(key.PartitionKey, rowKeys.Select(row => prefix + row), cancellation);
    }

    /// <summary>The group's head as this instance remembers it, or as the table has it; for decisions that may rest on something older.</summary>
    public async ValueTask<GroupHead?> PeekAsync(GroupKey key, CancellationToken cancellation)
    {
        var community = tables.GroupWriter.Peek(key.PartitionKey, GroupPartition.HeadRow);
        var known = key.TopicId is null ? community : tables.GroupWriter.Peek(key.PartitionKey, key.RowPrefix + GroupPartition.HeadRow);
        return known is null || community is null ? await ReadHeadAsync(key, cancellation)
            : key.TopicId is null ? GroupHead.FromRow(known)
            : GroupHead.FromRow(known).Of(GroupHead.FromRow(community));
    }

    /// <summary>The group's head as the table has it.</summary>
    public async Task<GroupHead?> ReadHeadAsync(GroupKey key, CancellationToken cancellation)
    {
        var reading = ReadAsync(key, GroupPartition.HeadRow, cancellation);
        if (key.TopicId is null)
        {
            return await reading is { } row ? GroupHead.FromRow(row) : null;
        }

        var community = await ReadHeadAsync(key.Group, cancellation);
        return await reading is { } topic && community is not null ? GroupHead.FromRow(topic).Of(community) : null;
    }

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
    public async Task<GroupMember?> ReadMemberAsync(GroupKey key, string account, CancellationToken cancellation)
    {
        if (key.TopicId is not null)
        {
            return await ReadHeadAsync(key, cancellation) is { } topic && await ReadMemberAsync(key.Group, account, cancellation) is { } member
                ? await ReadInTopicAsync(key, topic, member, cancellation)
                : null;
        }

        return await ReadAsync(key, GroupMember.RowKeyOf(account), cancellation) is { } row ? GroupMember.FromRow(row) : null;
    }

    /// <summary>A member of a community as one of its topics has it.</summary>
    public async Task<GroupMember> ReadInTopicAsync(GroupKey topic, GroupHead head, GroupMember member, CancellationToken cancellation)
    {
        var own = await ReadAsync(topic, member.RowKey, cancellation) is { } row ? GroupMember.FromRow(row) : null;
        var mute = head.Mutes == 0 || member.HasEnteredAs(own) ? null : await ReadAsync(topic, GroupMute.RowKeyOf(member.Account), cancellation);
        return member.In(head, own, mute is null ? 0 : GroupMute.FromRow(mute).Until);
    }

    /// <summary>As <see cref="ReadMemberAsync"/>, but null while the group is being dismissed: members are settled then before their rows go.</summary>
    public async Task<GroupMember?> ReadLastingMemberAsync(GroupKey key, string account, CancellationToken cancellation) =>
        await ReadMemberAsync(key, account, cancellation) is { } member && await ReadHeadAsync(key, cancellation) is not null ? member : null;

    /// <summary>A row as the table has it; null when there is none.</summary>
    public async Task<TableEntity?> ReadAsync(GroupKey key, string rowKey, CancellationToken cancellation)
    {
        var answer = await tables.Groups.GetEntityIfExistsAsync<TableEntity>(key.PartitionKey, key.RowPrefix + rowKey, cancellationToken: cancellation);
        return answer.HasValue ? Shown(answer.Value!, key.RowPrefix.Length) : null;
    }

    /// <summary>Rows of a group in the order of their keys.</summary>
    /// <param name="from">First key.</param>
    /// <param name="to">The key after the last.</param>
    /// <param name="columns">Those that are needed; null for all.</param>
    public IAsyncEnumerable<TableEntity> QueryAsync(
        GroupKey key, string from, string to, CancellationToken cancellation, IEnumerable<string>? columns = null, int? pageSize = null)
    {
        var partition = key.PartitionKey;
        var prefix = key.RowPrefix;
        var (first, end) = (prefix + from, prefix + to);
        var rows = tables.Groups.QueryAsync<TableEntity>(
            partition, TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {first} and RowKey lt {end}"), pageSize, columns, cancellation);
        return prefix.Length == 0 ? rows : Shown(rows, prefix.Length);
    }

    /// <summary>As the other, only those rows whose column Time is in a range.</summary>
    /// <param name="start">Unix seconds.</param>
    /// <param name="end">The second after the last.</param>
    public IAsyncEnumerable<TableEntity> QueryAsync(GroupKey key, string from, string to, long start, long end, CancellationToken cancellation)
    {
        var partition = key.PartitionKey;
        var prefix = key.RowPrefix;
        var (first, last) = (prefix + from, prefix + to);
        var rows = tables.ScanOf(TableNames.Groups).QueryAsync<TableEntity>(
            partition, TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {first} and RowKey lt {last} and Time ge {start} and Time lt {end}"), cancellationToken: cancellation);
        return prefix.Length == 0 ? rows : Shown(rows, prefix.Length);
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
    public IAsyncEnumerable<TableEntity> QueryMembersAsync(GroupKey key, CancellationToken cancellation, IEnumerable<string>? columns = null, int? pageSize = null) =>
        QueryAsync(key, GroupMember.Prefix, "u}", cancellation, columns, pageSize);

    private static async IAsyncEnumerable<TableEntity> Shown(AsyncPageable<TableEntity> rows, int prefixLength)
    {
        await foreach (var row in rows)
        {
            yield return Shown(row, prefixLength);
        }
    }

    // Without what the keys of a topic's rows begin with.
    private static TableEntity Shown(TableEntity row, int prefixLength)
    {
        if (prefixLength > 0)
        {
            row.RowKey = row.RowKey[prefixLength..];
        }

        return row;
    }
}
