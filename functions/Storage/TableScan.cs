using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Parley.Storage.Shards;

namespace Parley.Storage;

/// <summary>A table for reading across partitions, in one storage account after the other. It sees every row that is there from beginning to end, or fails.</summary>
/// <remarks>
/// A partition that is moved may go from an account that is yet to be read into one that was. So the shard map must be the same from the first page to the last, with no move under way, also where the
/// scan goes on by a continuation that was stored: this has the map's version in it.
/// </remarks>
/// <param name="directory">Null when the table is in the primary account only.</param>
public sealed class TableScan(IReadOnlyList<TableClient> accounts, ShardDirectory? directory)
{
    /// <summary>Reads rows; a continuation of its pages is one of this class.</summary>
    /// <param name="select">Has the partition key among them.</param>
    /// <exception cref="PartitionsMovedException">On reading: partitions are being moved, or were since the scan began.</exception>
    public AsyncPageable<TableEntity> QueryAsync(
        string filter, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancellationToken = default) => directory is null
            ? accounts[0].QueryAsync<TableEntity>(filter, maxPerPage, select, cancellationToken)
            : new Pages(accounts, directory, filter, maxPerPage, select, cancellationToken);

    private sealed class Pages(
        IReadOnlyList<TableClient> accounts, ShardDirectory directory, string filter, int? maxPerPage, IEnumerable<string>? select, CancellationToken cancellation)
        : AsyncPageable<TableEntity>(cancellation)
    {
        public override async IAsyncEnumerable<Page<TableEntity>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
        {
            var place = continuationToken is null ? new Place(await directory.FindSettledAsync(isFresh: false, CancellationToken), 0, null) : Place.Parse(continuationToken);
            while (place.Shard < accounts.Count)
            {
                var next = place with { Shard = place.Shard + 1, Token = null };
                var query = accounts[place.Shard].QueryAsync<TableEntity>(filter, maxPerPage, select, CancellationToken);
                await foreach (var page in query.AsPages(place.Token, pageSizeHint))
                {
                    var after = page.ContinuationToken is { } token ? place with { Token = token } : next;
                    var isLast = after.Shard == accounts.Count;
                    if (await directory.FindSettledAsync(isFresh: isLast, CancellationToken) != place.Version)
                    {
                        throw new PartitionsMovedException();
                    }

                    yield return Page<TableEntity>.FromValues(await AtHomeAsync(page.Values, place.Shard), isLast ? null : after.ToString(), page.GetRawResponse());
                }

                place = next;
            }
        }

        // Copies that a move has left, or that one which was given up had made, are passed over.
        private async Task<IReadOnlyList<TableEntity>> AtHomeAsync(IReadOnlyList<TableEntity> rows, int shard)
        {
            var (found, isHome) = (new List<TableEntity>(rows.Count), false);
            for (var i = 0; i < rows.Count; i++)
            {
                if (i == 0 || rows[i].PartitionKey != rows[i - 1].PartitionKey)
                {
                    isHome = await directory.IsHomeAsync(rows[i].PartitionKey, shard, CancellationToken);
                }

                if (isHome)
                {
                    found.Add(rows[i]);
                }
            }

            return found;
        }
    }

    private sealed record Place(long Version, int Shard, string? Token)
    {
        public static Place Parse(string text) => text.Split('|', 3) is [var version, var shard, var token]
            ? new Place(long.Parse(version, CultureInfo.InvariantCulture), int.Parse(shard, CultureInfo.InvariantCulture), token.Length == 0 ? null : token)
            : throw new FormatException("This is no place in a scan.");

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Version}|{Shard}|{Token}");
    }
}

/// <summary>What reads across partitions must begin anew, when no partitions are being moved any more.</summary>
public sealed class PartitionsMovedException() : Exception("Accounts and groups are being moved to other storage accounts, or were meanwhile. Begin again when that is over.")
{
    /// <summary>After how long a task looks whether a move is over; within the time for which a restore holds its app.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
}
