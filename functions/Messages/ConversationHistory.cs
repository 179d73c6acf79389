using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>Which messages of a conversation to read.</summary>
/// <param name="MinTime">Unix seconds, included.</param>
/// <param name="MaxTime">Unix seconds, included.</param>
/// <param name="Before">Only messages older than this one; null to begin at MaxTime.</param>
public sealed record HistoryQuery(long MinTime, long MaxTime, int MaxCount, MessageKey? Before);

/// <summary>A page of messages, oldest first.</summary>
/// <param name="IsComplete">Nothing older is left in the range.</param>
public sealed record HistoryPage(IReadOnlyList<StoredMessage> Messages, bool IsComplete)
{
    public static readonly HistoryPage Empty = new([], true);
}

/// <summary>
/// Reads one side's copy of a conversation backwards in time. The log's numbers are dense and its times never fall, so a page is a range of
/// row keys; imported history stands beside it, by time, and is merged in.
/// </summary>
public sealed class ConversationHistory(TableStore tables, ImportedHistory imported, TimeProvider time)
{
    private static readonly bool[] Directions = [true, false];
    private static readonly string[] TimeOnly = ["Seq", "Time"];

    /// <summary>Reads a page.</summary>
    public async Task<HistoryPage> ReadAsync(AccountKey owner, string peer, HistoryQuery query, CancellationToken cancellation)
    {
        var rows = ConversationTable.Rows(peer);
        var answer = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, rows.Head, cancellationToken: cancellation);
        if (!answer.HasValue || answer.Value is not { } head || query.MinTime > query.MaxTime)
        {
            return HistoryPage.Empty;
        }

        // One more than asked for tells whether anything is left.
        var place = await PlaceAsync(owner, rows, peer, head, query, cancellation);
        var logged = await ReadLogAsync(owner, rows, head, query, place.LastSeq, cancellation);
        var older = await imported.ReadAsync(owner, peer, head, query, place.AfterImported, cancellation);
        List<StoredMessage> newestFirst = older.Count == 0 ? logged : [.. logged.Concat(older).OrderByDescending(message => message.Time)
            .ThenByDescending(message => message.Sequence).ThenByDescending(message => message.Key.MsgSeq).ThenBy(message => message.Key.MsgRandom)];
        return new HistoryPage([.. newestFirst.Take(query.MaxCount).Reverse()], newestFirst.Count <= query.MaxCount);
    }

    private async Task<List<StoredMessage>> ReadLogAsync(AccountKey owner, TimelineRows rows, TableEntity head, HistoryQuery query, long last, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var first = Math.Max(head.GetInt64("FirstSeq") ?? 1, head.GetInt64("ClearedSeq") ?? 1);
        var newestFirst = new List<StoredMessage>();
        while (last >= first && newestFirst.Count <= query.MaxCount)
        {
            var from = Math.Max(first, last - (query.MaxCount - newestFirst.Count));
            var chunk = await ReadRangeAsync(owner, rows, from, last, cancellation);
            newestFirst.AddRange(chunk.AsEnumerable().Reverse()
                .SkipWhile(row => row.GetInt64("Time") > query.MaxTime).TakeWhile(row => row.GetInt64("Time") >= query.MinTime)
                .Where(row => StoredMessage.IsVisible(row, now)).Select(StoredMessage.FromRow));
            if (chunk.Count > 0 && chunk[0].GetInt64("Time") < query.MinTime)
            {
                break;
            }

            last = from - 1;
        }

        return newestFirst;
    }

    // The number of the newest entry that may be shown, less than the first when there is none; and the imported message behind which to go on.
    // Among messages of one second the log's come before the imported ones, newest first.
    private async Task<(long LastSeq, MessageKey? AfterImported)> PlaceAsync(
        AccountKey owner, TimelineRows rows, string peer, TableEntity head, HistoryQuery query, CancellationToken cancellation)
    {
        var (last, maxTime) = (head.GetInt64("LastSeq") ?? 0, query.MaxTime);
        MessageKey? afterImported = null;
        if (query.Before is { } before)
        {
            if (await FindSequenceAsync(owner, rows, before, cancellation) is { } sequence)
            {
                last = Math.Min(last, sequence - 1);
                if (before.MsgTime <= query.MaxTime)
                {
                    return (last, null);
                }
            }
            else if (head.GetBoolean(ImportedMessage.HeadColumn) == true && await imported.ContainsAsync(owner, peer, before, cancellation))
            {
                afterImported = before;
                maxTime = Math.Min(maxTime, before.MsgTime - 1);
            }
        }

        var isAllOfIt = (head.GetInt64("LastTime") ?? 0) <= maxTime;
        return (isAllOfIt ? last : await SearchAsync(owner, rows, head.GetInt64("FirstSeq") ?? 1, last, maxTime, cancellation), afterImported);
    }

    private async Task<long?> FindSequenceAsync(AccountKey owner, TimelineRows rows, MessageKey key, CancellationToken cancellation)
    {
        var found = await Task.WhenAll(Directions.Select(isOutgoing => tables.Accounts.GetEntityIfExistsAsync<TableEntity>(
            owner.PartitionKey, rows.Identity(ConversationTable.IdentityName(key, isOutgoing)), cancellationToken: cancellation)));
        return found.Select(row => row.HasValue ? Timeline.FindSequence(row.Value!, key.MsgTime) : null).FirstOrDefault(sequence => sequence is not null);
    }

    // Binary search for the last message that is not newer; rows may be missing where messages were deleted.
    private async Task<long> SearchAsync(AccountKey owner, TimelineRows rows, long first, long last, long maxTime, CancellationToken cancellation)
    {
        var (low, high) = (first, last + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var probe = await ReadFirstAsync(owner, rows, middle, last, cancellation);
            if (probe is null || probe.GetInt64("Time") > maxTime)
            {
                high = middle;
            }
            else
            {
                low = (probe.GetInt64("Seq") ?? middle) + 1;
            }
        }

        return low - 1;
    }

    private async Task<TableEntity?> ReadFirstAsync(AccountKey owner, TimelineRows rows, long from, long to, CancellationToken cancellation)
    {
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, Range(owner, rows, from, to), maxPerPage: 1, TimeOnly, cancellation))
        {
            return row;
        }

        return null;
    }

    private async Task<List<TableEntity>> ReadRangeAsync(AccountKey owner, TimelineRows rows, long from, long to, CancellationToken cancellation)
    {
        var entries = new List<TableEntity>();
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, Range(owner, rows, from, to), cancellationToken: cancellation))
        {
            entries.Add(row);
        }

        return entries;
    }

    private static string Range(AccountKey owner, TimelineRows rows, long from, long to)
    {
        var (lowest, highest) = (rows.Entry(from), rows.Entry(to));
        return TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge {lowest} and RowKey le {highest}");
    }
}
