using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>Devices that could be reached by push until now.</summary>
public sealed class ExpiredPush(ConnectionTable connections) : ISweptRows
{
    public string Table => TableNames.Accounts;

    public IReadOnlyList<string> Columns { get; } = [];

    public string Filter(DateTimeOffset now) => TableClient.CreateQueryFilter($"RowKey ge 'd|' and RowKey lt 'd}}' and Until lt {now}");

    public bool Has(string rowKey) => rowKey.StartsWith(ConnectionTable.PushPrefix, StringComparison.Ordinal);

    public Task LookAtAsync(TableEntity row, CancellationToken cancellation) => AccountKey.FromPartitionKey(row.PartitionKey) is { } owner
        ? connections.RemoveExpiredPushAsync(owner, Platform.Parse(row.RowKey[ConnectionTable.PushPrefix.Length..]), cancellation)
        : Task.CompletedTask;
}
