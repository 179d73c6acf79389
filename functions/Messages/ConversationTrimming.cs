using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Deletes messages that are older than the app keeps them: when their conversation is next written to, and by a slow sweep for idle ones.
/// Readers hide them already, so it may be late; it waits for a day's worth and then deletes in batches.
/// </summary>
public sealed partial class ConversationTrimming(TableStore tables, ImportedTrimming imported, ExtensionTrimming extensions, TimeProvider time, ILogger<ConversationTrimming> logger)
{
    /// <summary>Head, entries and identity rows must fit into one transaction of 100.</summary>
    private const int BatchSize = 45;

    private static readonly TimeSpan Slack = TimeSpan.FromDays(1);

    private static readonly string[] Columns = ["PartitionKey", "RowKey", "Seq", "Time", "Identity", StoredMessage.UnreadColumn];

    /// <summary>Messages at or before this time, in Unix seconds, are worth deleting now.</summary>
    public long Threshold(App app) => app.RoamingStart(time.GetUtcNow()) - (long)Slack.TotalSeconds;

    /// <summary>Deletes what is old of a conversation whose oldest message has that time; in the background, since nobody waits for it.</summary>
    public void TrimBeside(App app, AccountKey owner, string peer, long? oldestTime)
    {
        if (oldestTime <= Threshold(app))
        {
            RunBeside(() => TrimAsync(app, owner.PartitionKey, ConversationTable.Rows(peer), CancellationToken.None));
        }
    }

    /// <summary>Deletes what its owner has cleared of a conversation, in the background.</summary>
    public void DeleteClearedBeside(AccountKey owner, string peer) =>
        RunBeside(() => DeleteOldestAsync(owner.PartitionKey, ConversationTable.Rows(peer), start: 0, CancellationToken.None));

    /// <summary>Deletes what is old of a conversation, or was cleared by its owner.</summary>
    /// <returns>How many entries were deleted.</returns>
    public Task<int> TrimAsync(App app, string partitionKey, TimelineRows rows, CancellationToken cancellation) =>
        DeleteOldestAsync(partitionKey, rows, app.RoamingStart(time.GetUtcNow()), cancellation);

    private void RunBeside(Func<Task> work) => _ = Task.Run(async () =>
    {
        try
        {
            await work();
        }
        catch (Exception e)
        {
            TrimFailed(logger, e);
        }
    });

    private async Task<int> DeleteOldestAsync(string partitionKey, TimelineRows rows, long start, CancellationToken cancellation)
    {
        var answer = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(partitionKey, rows.Head, cancellationToken: cancellation);
        if (!answer.HasValue || answer.Value is not { } head)
        {
            return 0;
        }

        var cleared = head.GetInt64("ClearedSeq") ?? 0;
        var deleted = await imported.TrimAsync(partitionKey, ConversationTable.PeerOfHead(rows.Head), head, start, cancellation);
        await extensions.TrimAsync(partitionKey, ConversationTable.PeerOfHead(rows.Head), head, start, cancellation);
        while (true)
        {
            var oldest = await ReadOldestAsync(partitionKey, rows, cancellation);
            var expired = oldest.TakeWhile(row => row.GetInt64("Time") < start || row.GetInt64("Seq") < cleared).Take(BatchSize).ToList();
            if (expired.Count == 0)
            {
                return deleted;
            }

            var firstKept = oldest.Skip(expired.Count).FirstOrDefault()?.GetInt64("Time");
            if (!await tables.AccountWriter.ApplyAsync(partitionKey, view => TryTrim(view, rows, expired, firstKept), cancellation))
            {
                return deleted;
            }

            deleted += expired.Count;
        }
    }

    // What is still unread is looked at again: it may have been recalled since it was read.
    private static bool TryTrim(PartitionView view, TimelineRows rows, List<TableEntity> expired, long? firstKept)
    {
        var unread = expired.Where(IsUnread).Select(row => view.Get(row.RowKey)).OfType<TableEntity>().Where(IsUnread).ToList();
        return Timeline.TryTrim(view, rows, expired, firstKept, head =>
        {
            var gone = unread.Count(row => row.GetInt64("Seq") > (head.GetInt64("ReadSeq") ?? 0));
            if (gone > 0)
            {
                head["Unread"] = Math.Max(0, (head.GetInt64("Unread") ?? 0) - gone);
                head["Edits"] = (head.GetInt64("Edits") ?? 0) + 1;
            }
        });
    }

    private static bool IsUnread(TableEntity row) => row.GetBoolean(StoredMessage.UnreadColumn) == true;

    private async Task<List<TableEntity>> ReadOldestAsync(string partitionKey, TimelineRows rows, CancellationToken cancellation)
    {
        var (from, to) = (rows.Entry(0), rows.Entry(999_999_999_999));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {from} and RowKey le {to}");
        var oldest = new List<TableEntity>();
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(partitionKey, filter, BatchSize + 1, Columns, cancellation))
        {
            oldest.Add(row);
            if (oldest.Count > BatchSize)
            {
                break;
            }
        }

        return oldest;
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Warning, Message = "Old messages could not be deleted; the next write or sweep tries again")]
    private static partial void TrimFailed(ILogger logger, Exception exception);
}
