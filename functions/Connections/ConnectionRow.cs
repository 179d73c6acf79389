using Azure.Data.Tables;

namespace Parley.Connections;

/// <summary>A connection as it is stored.</summary>
/// <param name="SeenAt">When it was last known to be open.</param>
/// <param name="Ended">Why Parley is closing it; null while it is welcome.</param>
public sealed record ConnectionRow(string ConnectionId, Platform Platform, DateTimeOffset ConnectedAt, DateTimeOffset SeenAt, string? Ended)
{
    internal static readonly string[] Columns =
        ["PartitionKey", "RowKey", nameof(ConnectionId), nameof(Platform), nameof(ConnectedAt), nameof(SeenAt), nameof(Ended)];

    internal static ConnectionRow FromRow(TableEntity row) => new(
        row.GetString(nameof(ConnectionId)),
        Platform.Parse(row.GetString(nameof(Platform))),
        row.GetDateTimeOffset(nameof(ConnectedAt)) ?? default,
        row.GetDateTimeOffset(nameof(SeenAt)) ?? default,
        row.GetString(nameof(Ended)));

    internal TableEntity ToRow() => new()
    {
        RowKey = ConnectionTable.RowKey(ConnectionId),
        [nameof(ConnectionId)] = ConnectionId,
        [nameof(Platform)] = Platform.Name,
        [nameof(ConnectedAt)] = ConnectedAt,
        [nameof(SeenAt)] = SeenAt,
        [nameof(Ended)] = Ended,
    };
}
