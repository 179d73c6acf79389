using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>Reads the imported messages of one side's copy of a conversation, newest first.</summary>
public sealed class ImportedHistory(TableStore tables)
{
    /// <summary>Whether a message is among the imported ones.</summary>
    public async Task<bool> ContainsAsync(AccountKey owner, string peer, MessageKey key, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, ImportedMessage.RowKey(peer, key), cancellationToken: cancellation);
        return row.HasValue && ImportedMessage.IsMessage(row.Value!);
    }

    /// <summary>Reads one message more than a page may hold, if there are so many.</summary>
    /// <param name="after">Only messages behind this one; null to begin at MaxTime.</param>
    public async Task<IReadOnlyList<StoredMessage>> ReadAsync(
        AccountKey owner, string peer, TableEntity head, HistoryQuery query, MessageKey? after, CancellationToken cancellation)
    {
        if (head.GetBoolean(ImportedMessage.HeadColumn) != true)
        {
            return [];
        }

        var from = ImportedMessage.From(peer, query.MaxTime);
        if (after is { } key && string.CompareOrdinal(ImportedMessage.RowKey(peer, key), from) > 0)
        {
            from = $"{ImportedMessage.RowKey(peer, key)}}}";
        }

        var to = ImportedMessage.To(peer, query.MinTime);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge {from} and RowKey lt {to}");
        var messages = new List<StoredMessage>();
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, filter, cancellationToken: cancellation))
        {
            if (!ImportedMessage.IsMessage(row) || ConversationCopy.IsCleared(row, head) || StoredMessage.IsDeleted(row))
            {
                continue;
            }

            messages.Add(StoredMessage.FromRow(row));
            if (messages.Count > query.MaxCount)
            {
                break;
            }
        }

        return messages;
    }
}
