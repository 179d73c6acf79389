using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Takes messages that are past their own life time (MsgLifeTime) out of the unread count: what can no longer be read must not wait to be.
/// Done when somebody asks for the count, since nothing else depends on it.
/// </summary>
/// <remarks>Column NextExpiry of the head: the earliest life time's end among unread messages, in Unix seconds; absent when none has one.</remarks>
public sealed class UnreadExpiry(TableStore tables, TimeProvider time)
{
    /// <summary>Column of the head.</summary>
    public const string Column = "NextExpiry";

    /// <summary>Head and rows must fit into one transaction.</summary>
    private const int BatchSize = 90;

    /// <summary>Notes in the head that an unread message came.</summary>
    public static void Note(TableEntity head, long? expiresAt)
    {
        if (expiresAt is { } end && !(head.GetInt64(Column) <= end))
        {
            head[Column] = end;
        }
    }

    /// <summary>Whether the unread count of a conversation may be too high now.</summary>
    public bool IsDue(TableEntity head) => head.GetInt64("Unread") > 0 && head.GetInt64(Column) <= time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Corrects the count.</summary>
    public async Task SettleAsync(AccountKey owner, string peer, long readSeq, long lastSeq, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var rows = ConversationTable.Rows(peer);
        var (from, to) = (rows.Entry(readSeq + 1), rows.Entry(lastSeq));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge {from} and RowKey le {to} and ExpiresAt gt {0L}");
        var (expired, next) = (new List<string>(), (long?)null);
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, filter, select: ["RowKey", StoredMessage.ExpiresAtColumn, StoredMessage.UnreadColumn], cancellationToken: cancellation))
        {
            if (row.GetBoolean(StoredMessage.UnreadColumn) != true)
            {
                continue;
            }

            var end = row.GetInt64(StoredMessage.ExpiresAtColumn) ?? 0;
            if (end <= now)
            {
                expired.Add(row.RowKey);
            }
            else
            {
                next = Math.Min(next ?? end, end);
            }
        }

        // What is next is noted last, so that what breaks off is due again.
        var batches = expired.Chunk(BatchSize).DefaultIfEmpty([]).ToList();
        for (var n = 0; n < batches.Count; n++)
        {
            var (batch, isLast) = (batches[n], n == batches.Count - 1);
            await tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => Settle(view, rows, batch, isLast ? lastSeq : null, next), cancellation);
        }
    }

    private static bool Settle(PartitionView view, TimelineRows rows, IReadOnlyList<string> expired, long? lastSeq, long? nextExpiry)
    {
        var found = expired.Select(view.Get).ToList();
        if (view.Get(rows.Head) is not { } head)
        {
            return false;
        }

        var next = head.Copy();
        foreach (var row in found.OfType<TableEntity>().Where(row => row.GetBoolean(StoredMessage.UnreadColumn) == true))
        {
            view.Put(StoredMessage.Deleted(row));
            if (row.GetInt64("Seq") > (head.GetInt64("ReadSeq") ?? 0))
            {
                next["Unread"] = Math.Max(0, (next.GetInt64("Unread") ?? 0) - 1);
            }
        }

        next["Edits"] = (head.GetInt64("Edits") ?? 0) + 1;
        if (head.GetInt64("LastSeq") == lastSeq)
        {
            next.Remove(Column);
            if (nextExpiry is { } end)
            {
                next[Column] = end;
            }
        }

        view.Put(next);
        return true;
    }
}
