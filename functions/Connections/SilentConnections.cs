using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>Connections that were not seen for long: their <c>disconnected</c> event may have been lost, or closing them broke off.</summary>
public sealed class SilentConnections(ConnectionEnding ending, Presence presence) : ISweptRows
{
    /// <summary>Younger ones are left to their own events.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(10);

    public string Table => TableNames.Accounts;

    public IReadOnlyList<string> Columns => ConnectionRow.Columns;

    public string Filter(DateTimeOffset now)
    {
        var old = now - MinAge;
        return TableClient.CreateQueryFilter($"RowKey ge 'p|' and RowKey lt 'p}}' and SeenAt lt {old}");
    }

    public bool Has(string rowKey) => rowKey.StartsWith(ConnectionTable.Prefix, StringComparison.Ordinal);

    public async Task LookAtAsync(TableEntity row, CancellationToken cancellation)
    {
        if (AccountKey.FromPartitionKey(row.PartitionKey) is { } owner)
        {
            var connection = ConnectionRow.FromRow(row);
            await (connection.Ended is { } reason
                ? ending.EndAsync(owner, [connection], reason, null, cancellation)
                : presence.CheckAsync(owner, connection, cancellation));
        }
    }
}
