using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>A piece of a conversation's log.</summary>
/// <param name="Entries">Oldest first. Numbers of the piece that are missing belong to messages that can no longer be seen.</param>
/// <param name="FromSeq">First number that the piece covers.</param>
/// <param name="UpToSeq">Last number that the piece covers; less than FromSeq when it covers nothing.</param>
public sealed record LogPage(ConversationSummary Conversation, IReadOnlyList<C2CEvent> Entries, long FromSeq, long UpToSeq);

/// <summary>Reads the log of one side's copy of a conversation: messages and what became of them, by number.</summary>
public sealed class ConversationLog(TableStore tables, ConversationList conversations, TimeProvider time)
{
    /// <summary>Reads forwards, what comes behind a number; null when there is no such conversation.</summary>
    /// <param name="start">Entries before this time, in Unix seconds, can no longer be seen.</param>
    public async Task<LogPage?> ReadAfterAsync(AccountKey owner, string peer, long after, int count, long start, CancellationToken cancellation)
    {
        if (await conversations.FindAsync(owner, peer, cancellation) is not { } conversation)
        {
            return null;
        }

        var from = Math.Max(Math.Min(after, conversation.LastSeq) + 1, conversation.FirstSeq);
        return await ReadAsync(owner, conversation, from, Math.Min(conversation.LastSeq, from + count - 1), start, cancellation);
    }

    /// <summary>Reads backwards, what comes before a number; null when there is no such conversation.</summary>
    /// <param name="start">Entries before this time, in Unix seconds, can no longer be seen.</param>
    public async Task<LogPage?> ReadBeforeAsync(AccountKey owner, string peer, long before, int count, long start, CancellationToken cancellation)
    {
        if (await conversations.FindAsync(owner, peer, cancellation) is not { } conversation)
        {
            return null;
        }

        var to = Math.Min(before - 1, conversation.LastSeq);
        return await ReadAsync(owner, conversation, Math.Max(conversation.FirstSeq, to - count + 1), to, start, cancellation);
    }

    private async Task<LogPage> ReadAsync(AccountKey owner, ConversationSummary conversation, long from, long to, long start, CancellationToken cancellation)
    {
        var entries = new List<C2CEvent>();
        if (from > to)
        {
            return new LogPage(conversation, entries, from, to);
        }

        var now = time.GetUtcNow();
        var rows = ConversationTable.Rows(conversation.Peer);
        var (lowest, highest) = (rows.Entry(from), rows.Entry(to));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge {lowest} and RowKey le {highest}");
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, filter, cancellationToken: cancellation))
        {
            if (row.GetInt64("Time") < start)
            {
                continue;
            }

            if (ConversationChange.IsChange(row))
            {
                entries.Add(ConversationChange.FromRow(row, conversation.Peer));
            }
            else if (StoredMessage.IsVisible(row, now))
            {
                entries.Add(ToEvent(StoredMessage.FromRow(row), owner.Account, conversation.Peer));
            }
        }

        return new LogPage(conversation, entries, from, to);
    }

    private static C2CEvent ToEvent(StoredMessage message, string owner, string peer) => new()
    {
        Type = C2CEvent.Message,
        Timeline = C2CEvent.TimelineOf(peer),
        Seq = message.Sequence,
        FromAccount = message.IsOutgoing ? owner : peer,
        ToAccount = message.IsOutgoing ? peer : owner,
        MsgSeq = message.Key.MsgSeq,
        MsgRandom = message.Key.MsgRandom,
        MsgTimeStamp = message.Time,
        MsgKey = message.Key.ToString(),
        MsgBody = message.IsRecalled ? null : message.Content.MsgBody,
        CloudCustomData = message.Content.CloudCustomData,
        MsgFlagBits = message.IsRecalled ? RoamingMessage.RecalledFlag : null,
        IsPeerRead = message.IsPeerRead ? 1 : null,
        IsNeedReadReceipt = message.Content.NeedsReadReceipt ? 1 : null,
        SupportMessageExtension = message.Content.SupportsExtension ? 1 : null,
        NoUnread = message is { IsOutgoing: false, CountsAsUnread: false, IsRecalled: false } ? 1 : null,
    };
}
