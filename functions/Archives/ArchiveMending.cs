using Parley.Groups;
using Parley.Storage;

namespace Parley.Archives;

/// <summary>
/// Puts partitions right that were written to while an export read them: their rows are of different moments. Afterwards each timeline is dense up to its head, counts are those of the
/// rows there are, and the two sides of relations and memberships agree or are looked at again by whoever meets them.
/// </summary>
public sealed class ArchiveMending(AccountMending accounts, GroupMending groups, ListMending lists)
{
    /// <summary>Mends a partition; safe to repeat.</summary>
    /// <param name="late">Keys of rows that were written meanwhile; null when all must be looked at.</param>
    /// <param name="startedAt">When the export began.</param>
    public Task MendAsync(string table, string partition, IReadOnlyList<string>? late, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var isList = partition.StartsWith("x|", StringComparison.Ordinal) || partition.StartsWith("q|", StringComparison.Ordinal);
        return table switch
        {
            TableNames.Accounts when partition.StartsWith("q|", StringComparison.Ordinal) => lists.MendQuotaAsync(partition, cancellation),
            TableNames.Accounts when !isList && AccountKey.FromPartitionKey(partition) is { } account => accounts.MendAsync(account, late, cancellation),
            TableNames.Groups when isList => lists.MendGroupsAsync(partition, cancellation),
            TableNames.Groups when GroupKey.FromPartitionKey(partition) is { } group => groups.MendAsync(group, startedAt, cancellation),
            _ => Task.CompletedTask,
        };
    }
}
