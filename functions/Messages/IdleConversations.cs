using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>Conversations that nobody writes to, whose oldest messages are past their time.</summary>
public sealed class IdleConversations(AppDirectory apps, ConversationTrimming trimming) : ISweptRows
{
    // No app keeps messages for less than a day.
    private static readonly TimeSpan MinMessageAge = TimeSpan.FromDays(1);

    public string Table => TableNames.Accounts;

    public IReadOnlyList<string> Columns { get; } = ["FirstTime", ImportedMessage.OldestColumn];

    public string Filter(DateTimeOffset now)
    {
        var old = (now - MinMessageAge).ToUnixTimeSeconds();
        return TableClient.CreateQueryFilter($"RowKey ge 'c|' and RowKey lt 'c}}' and (FirstTime lt {old} or ImportedFrom lt {old})");
    }

    public bool Has(string rowKey) => rowKey.StartsWith(ConversationTable.HeadPrefix, StringComparison.Ordinal);

    public async Task LookAtAsync(TableEntity row, CancellationToken cancellation)
    {
        if (AccountKey.FromPartitionKey(row.PartitionKey) is { } owner && await apps.FindAsync(owner.SdkAppId, cancellation) is { } app
            && (row.GetInt64("FirstTime") <= trimming.Threshold(app) || row.GetInt64(ImportedMessage.OldestColumn) <= trimming.Threshold(app)))
        {
            await trimming.TrimAsync(app, row.PartitionKey, ConversationTable.RowsOfHead(row.RowKey), cancellation);
        }
    }
}
