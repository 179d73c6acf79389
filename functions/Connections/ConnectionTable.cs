using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>Rows <c>p|{connection id}</c> of an account's partition in table <c>accounts</c>: its open connections.</summary>
public sealed class ConnectionTable(TableStore tables, TimeProvider time)
{
    /// <summary>Prefix of the row keys.</summary>
    public const string Prefix = "p|";

    /// <summary>Notes that a connection is open; safe to repeat.</summary>
    public Task AddAsync(AccountKey account, string connectionId, CancellationToken cancellation)
    {
        var row = new TableEntity(account.PartitionKey, RowKey(connectionId)) { ["ConnectionId"] = connectionId, ["ConnectedAt"] = time.GetUtcNow() };
        return tables.Accounts.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellation);
    }

    /// <summary>Notes that a connection is closed; safe to repeat.</summary>
    public Task RemoveAsync(AccountKey account, string connectionId, CancellationToken cancellation) =>
        tables.Accounts.DeleteEntityAsync(account.PartitionKey, RowKey(connectionId), cancellationToken: cancellation);

    public static string RowKey(string connectionId) => Prefix + KeyText.Escape(connectionId);
}
