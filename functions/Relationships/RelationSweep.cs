using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>The sweep's work on relations: finishes changes that broke off and that nobody came upon, and takes away requests that are void.</summary>
public sealed class RelationSweep(AppDirectory apps, RelationUpkeep upkeep, RequestExpiry expiry, TimeProvider time) : ISweptRows
{
    private const string AskedAtColumn = "AskedAt";

    /// <summary>Younger ones are under way.</summary>
    private static readonly TimeSpan MinMarkerAge = TimeSpan.FromMinutes(10);

    // No app has requests that are void sooner.
    private static readonly TimeSpan MinRequestAge = TimeSpan.FromDays(1);

    public string Table => TableNames.Accounts;

    public IReadOnlyList<string> Columns { get; } = [AskedAtColumn];

    // No other row has a column AskedAt.
    public string Filter(DateTimeOffset now)
    {
        var (oldMarker, oldRequest) = (now - MinMarkerAge, (now - MinRequestAge).ToUnixTimeSeconds());
        var markers = TableClient.CreateQueryFilter($"RowKey ge 'f!' and RowKey lt 'f|' and At lt {oldMarker}");
        var requests = TableClient.CreateQueryFilter($"AskedAt lt {oldRequest}");
        return $"({markers}) or ({requests})";
    }

    public bool Has(string rowKey) =>
        rowKey.StartsWith(RelationRows.MarkerPrefix, StringComparison.Ordinal) || rowKey.StartsWith(RelationRows.PeerPrefix, StringComparison.Ordinal);

    public async Task LookAtAsync(TableEntity row, CancellationToken cancellation)
    {
        if (AccountKey.FromPartitionKey(row.PartitionKey) is not { } owner)
        {
            return;
        }

        var peer = RelationRows.PeerOf(row.RowKey);
        if (row.RowKey.StartsWith(RelationRows.MarkerPrefix, StringComparison.Ordinal))
        {
            await upkeep.HealAsync(owner, peer, cancellation);
        }
        else if (await apps.FindAsync(owner.SdkAppId, cancellation) is { } app
            && row.GetInt64(AskedAtColumn) < (time.GetUtcNow() - TimeSpan.FromDays(app.FriendRequestDays)).ToUnixTimeSeconds())
        {
            await expiry.DropVoidAsync(app, owner, peer);
        }
    }
}
