using Azure.Data.Tables;

namespace Parley.Connections;

/// <summary>A connection as it is stored.</summary>
/// <param name="SeenAt">When it was last known to be open.</param>
/// <param name="Ended">Why Parley is closing it; null while it is welcome.</param>
public sealed record ConnectionRow(string ConnectionId, Platform Platform, DateTimeOffset ConnectedAt, DateTimeOffset SeenAt, string? Ended)
{
    /// <summary>Where its client was when it negotiated; empty when it is not known.</summary>
    public string Address { get; init; } = "";

    internal static readonly string[] Columns =
        ["PartitionKey", "RowKey", nameof(ConnectionId), nameof(Platform), nameof(ConnectedAt), nameof(SeenAt), nameof(Ended), nameof(Address)];

    internal static ConnectionRow FromRow(TableEntity row) => new(
        row.GetString(nameof(ConnectionId)),
        Platform.Parse(row.GetString(nameof(Platform))),
        row.GetDateTimeOffset(nameof(ConnectedAt)) ?? default,
        row.GetDateTimeOffset(nameof(SeenAt)) ?? default,
        row.GetString(nameof(Ended)))
    {
        Address = row.GetString(nameof(Address)) ?? "",
    };

    internal TableEntity ToRow() => new()
    {
        RowKey = ConnectionTable.RowKey(ConnectionId),
        [nameof(ConnectionId)] = ConnectionId,
        [nameof(Platform)] = Platform.Name,
        [nameof(ConnectedAt)] = ConnectedAt,
        [nameof(SeenAt)] = SeenAt,
        [nameof(Ended)] = Ended,
        [nameof(Address)] = Address,
    };
}

/// <summary>A connection that was opened just now.</summary>
/// <param name="SignedAt">When the UserSig was made that it was opened with, in Unix seconds.</param>
/// <param name="Displaced">Those that have to give way to it, as far as they are known before.</param>
public sealed record NewConnection(ConnectionRow Row, long SignedAt, IReadOnlyList<ConnectionRow> Displaced);
