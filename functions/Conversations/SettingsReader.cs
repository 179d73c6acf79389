using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Conversations;

/// <summary>Reads what an account has set about its conversations.</summary>
public sealed class SettingsReader(TableStore tables)
{
    /// <summary>
    /// Reads all of it, the head first: what was changed since then has a higher version. Groups of a conversation may have been deleted.
    /// </summary>
    public async Task<(SettingsHead Head, IReadOnlyList<ConversationSettings> All)> ReadAsync(AccountKey owner, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, ConversationSettings.HeadRow, cancellationToken: cancellation);
        var all = new List<ConversationSettings>();
        if (!row.HasValue)
        {
            return (new SettingsHead(), all);
        }

        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge 's|' and RowKey lt 's}}'");
        await foreach (var settings in tables.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, filter, cancellationToken: cancellation))
        {
            all.Add(ConversationSettings.FromRow(settings));
        }

        return (SettingsHead.FromRow(row.Value), all);
    }
}
