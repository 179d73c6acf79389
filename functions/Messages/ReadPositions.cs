using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>Moves the read position of one side's copy of a conversation: everything up to it is read. It never moves back.</summary>
public sealed class ReadPositions(TableStore tables, ConversationCopies copies)
{
    /// <summary>How often a position in the middle is worked out again because the conversation changed meanwhile.</summary>
    private const int MaxAttempts = 10;

    private static readonly string[] Columns = ["Seq", "Time", StoredMessage.UnreadColumn];

    /// <summary>What was found when a position in the middle was worked out; it holds as long as both numbers of the head stay.</summary>
    private sealed record Span(long ReadSeq, long Edits, long Target, int Unread);

    /// <summary>Marks messages read.</summary>
    /// <param name="upToTime">Unix seconds: messages up to this time.</param>
    /// <param name="upToSeq">Messages up to this number.</param>
    /// <param name="onMoved">What else the transaction does that moves the position.</param>
    /// <returns>What the owner's devices shall hear; null when nothing was unread.</returns>
    public async Task<C2CEvent?> MoveAsync(
        AccountKey owner, string peer, long upToTime, long upToSeq, Action<PartitionView>? onMoved, CancellationToken cancellation)
    {
        Span? span = null;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var (isDone, change) = await copies.ApplyAsync(owner, peer, copy =>
            {
                var moved = Move(copy, upToTime, upToSeq, span);
                if (moved.Change is not null)
                {
                    onMoved?.Invoke(copy.View);
                }

                return moved;
            });
            if (isDone)
            {
                return change;
            }

            span = await MeasureAsync(owner, peer, upToTime, upToSeq, cancellation);
        }

        throw new InvalidOperationException("The conversation changes faster than its read position can be worked out.");
    }

    private static (bool IsDone, C2CEvent? Change) Move(ConversationCopy copy, long upToTime, long upToSeq, Span? span)
    {
        if (copy.Head is not { } head || head.GetInt64("Unread") is null or 0)
        {
            return (true, null);
        }

        var (last, unread) = (head.GetInt64("LastSeq") ?? 0, head.GetInt64("Unread") ?? 0);
        if ((head.GetInt64("LastTime") ?? 0) <= upToTime && last <= upToSeq)
        {
            return (true, Append(copy, last, 0));
        }

        if (span is null || span.ReadSeq != (head.GetInt64("ReadSeq") ?? 0) || span.Edits != (head.GetInt64("Edits") ?? 0))
        {
            return (false, null);
        }

        return (true, span.Unread == 0 ? null : Append(copy, span.Target, Math.Max(0, unread - span.Unread)));
    }

    private static C2CEvent Append(ConversationCopy copy, long readSeq, long unread) =>
        copy.Append(new C2CEvent { Type = C2CEvent.Read, ReadSeq = readSeq, UnreadMsgNum = unread }, (next, _) =>
        {
            next["ReadSeq"] = readSeq;
            next["Unread"] = unread;
        });

    // Messages that come meanwhile have higher numbers, so they do not matter; messages that go are seen by Edits.
    private async Task<Span?> MeasureAsync(AccountKey owner, string peer, long upToTime, long upToSeq, CancellationToken cancellation)
    {
        var rows = ConversationTable.Rows(peer);
        var answer = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, rows.Head, cancellationToken: cancellation);
        if (!answer.HasValue || answer.Value is not { } head)
        {
            return null;
        }

        var read = head.GetInt64("ReadSeq") ?? 0;
        var target = read;
        var unread = 0;
        var (from, to) = (rows.Entry(read + 1), rows.Entry(Math.Min(upToSeq, head.GetInt64("LastSeq") ?? 0)));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge {from} and RowKey le {to}");
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, filter, select: Columns, cancellationToken: cancellation))
        {
            if (row.GetInt64("Time") <= upToTime)
            {
                target = Math.Max(target, row.GetInt64("Seq") ?? 0);
                unread += row.GetBoolean(StoredMessage.UnreadColumn) == true ? 1 : 0;
            }
        }

        return new Span(read, head.GetInt64("Edits") ?? 0, target, unread);
    }
}
