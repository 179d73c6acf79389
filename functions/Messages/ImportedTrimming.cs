using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>Deletes imported messages, and marks of such, that are past their time or were cleared by their owner.</summary>
public sealed class ImportedTrimming(TableStore tables)
{
    private static readonly string[] Columns = ["RowKey", "SentTime", ImportedMessage.AfterColumn];

    /// <summary>Deletes what is older than a time, in Unix seconds, and what was cleared.</summary>
    /// <returns>How many rows were deleted.</returns>
    public async Task<int> TrimAsync(string partitionKey, string peer, TableEntity head, long start, CancellationToken cancellation)
    {
        var isCleared = head.GetInt64("ClearedSeq") is not null;
        if (head.GetBoolean(ImportedMessage.HeadColumn) != true || (!isCleared && head.GetInt64(ImportedMessage.OldestColumn) >= start))
        {
            return 0;
        }

        var expired = await ReadAsync(partitionKey, peer, head, isCleared, start, cancellation);
        await tables.AccountWriter.DeleteAsync(partitionKey, expired, cancellation);
        var rowKey = head.RowKey;
        await tables.AccountWriter.ApplyAsync(partitionKey, view => NoteOldest(view, rowKey, head.GetInt64(ImportedMessage.OldestColumn), start), cancellation);
        return expired.Count;
    }

    private async Task<List<string>> ReadAsync(string partitionKey, string peer, TableEntity head, bool isCleared, long start, CancellationToken cancellation)
    {
        var from = ImportedMessage.From(peer, isCleared ? long.MaxValue : start - 1);
        var to = ImportedMessage.To(peer, 0);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {from} and RowKey lt {to}");
        var old = ImportedMessage.From(peer, start - 1);
        var expired = new List<string>();
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(partitionKey, filter, select: Columns, cancellationToken: cancellation))
        {
            if (string.CompareOrdinal(row.RowKey, old) >= 0 || (ImportedMessage.IsMessage(row) && ConversationCopy.IsCleared(row, head)))
            {
                expired.Add(row.RowKey);
            }
        }

        return expired;
    }

    // Unless an older one came meanwhile.
    private static bool NoteOldest(PartitionView view, string rowKey, long? known, long start)
    {
        if (view.Get(rowKey) is not { } head || head.GetInt64(ImportedMessage.OldestColumn) != known || known >= start)
        {
            return false;
        }

        var next = head.Copy();
        next[ImportedMessage.OldestColumn] = start;
        view.Put(next);
        return true;
    }
}
