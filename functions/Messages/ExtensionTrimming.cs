using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>Deletes the extensions of messages that are past their time.</summary>
public sealed class ExtensionTrimming(TableStore tables)
{
    /// <summary>Column of a conversation's head: there are extensions.</summary>
    public const string HeadColumn = "Extended";

    private static readonly string[] KeyOnly = ["RowKey"];

    /// <summary>Deletes what belongs to messages older than a time, in Unix seconds.</summary>
    public async Task TrimAsync(string partitionKey, string sender, TableEntity head, long start, CancellationToken cancellation)
    {
        if (head.GetBoolean(HeadColumn) != true)
        {
            return;
        }

        var (from, to) = (ExtensionRows.From(sender, 0), ExtensionRows.From(sender, start));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {from} and RowKey lt {to}");
        var expired = new List<string>();
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(partitionKey, filter, select: KeyOnly, cancellationToken: cancellation))
        {
            expired.Add(row.RowKey);
        }

        await tables.AccountWriter.DeleteAsync(partitionKey, expired, cancellation);
    }
}
