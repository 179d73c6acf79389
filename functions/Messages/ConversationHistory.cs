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

/// <summary>Reads one side's copy of a conversation backwards in time. Numbers are dense and times never fall, so a page is a range of row keys.</summary>
public sealed class ConversationHistory(TableStore tables)
{
    private static readonly bool[] Directions = [true, false];
    private static readonly string[] TimeOnly = ["Seq", "Time"];

    /// <summary>Reads a page.</summary>
    public async Task<HistoryPage> ReadAsync(AccountKey owner, string peer, HistoryQuery query, CancellationToken cancellation)
    {
        var rows = ConversationTable.Rows(peer);
        var head = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, rows.Head, cancellationToken: cancellation);
        if (!head.HasValue || query.MinTime > query.MaxTime)
        {
            return HistoryPage.Empty;
        }

        var first = head.Value!.GetInt64("FirstSeq") ?? 1;
        var last = await FindNewestAsync(owner, rows, head.Value, query, cancellation);
        var newestFirst = new List<StoredMessage>();
        while (last >= first && newestFirst.Count <= query.MaxCount)
        {
            // One more than asked for tells whether anything is left.
            var from = Math.Max(first, last - (query.MaxCount - newestFirst.Count));
            var chunk = await ReadRangeAsync(owner, rows, from, last, cancellation);
            newestFirst.AddRange(chunk.Reverse().SkipWhile(message => message.Time > query.MaxTime).TakeWhile(message => message.Time >= query.MinTime));
            if (chunk.Count > 0 && chunk[0].Time < query.MinTime)
            {
                break;
            }

            last = from - 1;
        }

        var isComplete = newestFirst.Count <= query.MaxCount;
        return new HistoryPage([.. newestFirst.Take(query.MaxCount).Reverse()], isComplete);
    }

    // The number of the newest message of the range; less than the first when there is none.
    private async Task<long> FindNewestAsync(AccountKey owner, TimelineRows rows, TableEntity head, HistoryQuery query, CancellationToken cancellation)
    {
        var last = head.GetInt64("LastSeq") ?? 0;
        if (query.Before is { } before && await FindSequenceAsync(owner, rows, before, cancellation) is { } sequence)
        {
            last = Math.Min(last, sequence - 1);
            if (before.MsgTime <= query.MaxTime)
            {
                return last;
            }
        }

        return (head.GetInt64("LastTime") ?? 0) <= query.MaxTime
            ? last
            : await SearchAsync(owner, rows, head.GetInt64("FirstSeq") ?? 1, last, query.MaxTime, cancellation);
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
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(Range(owner, rows, from, to), maxPerPage: 1, TimeOnly, cancellation))
        {
            return row;
        }

        return null;
    }

    private async Task<IReadOnlyList<StoredMessage>> ReadRangeAsync(AccountKey owner, TimelineRows rows, long from, long to, CancellationToken cancellation)
    {
        var messages = new List<StoredMessage>();
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(Range(owner, rows, from, to), cancellationToken: cancellation))
        {
            messages.Add(StoredMessage.FromRow(row));
        }

        return messages;
    }

    private static string Range(AccountKey owner, TimelineRows rows, long from, long to)
    {
        var (lowest, highest) = (rows.Entry(from), rows.Entry(to));
        return TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge {lowest} and RowKey le {highest}");
    }
}
