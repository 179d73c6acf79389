using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>What an imported message means to its receiver.</summary>
public enum ImportKind
{
    /// <summary>Long past: read, and nobody hears of it.</summary>
    History,

    /// <summary>Counts as unread; nobody hears of it.</summary>
    Unread,

    /// <summary>Counts as unread and is delivered.</summary>
    Delivered,
}

/// <summary>Stores imported messages: history beside the log, by time; what counts as unread at the end of the log.</summary>
public sealed class MessageImport(TableStore tables, MessageSender sender, TimeProvider time)
{
    private const string AttemptColumn = "Attempt";

    /// <summary>Imports a message into both copies, unless they have it; safe to repeat.</summary>
    public async Task ImportAsync(AccountKey from, AccountKey to, MessageKey key, MessageContent content, ImportKind kind)
    {
        var outgoing = new NewMessage(key, true, content, Guid.NewGuid().ToString("N"), time.GetUtcNow(), CountsAsUnread: false, IsShownLast: true) { IsImported = true };
        var incoming = outgoing with { IsOutgoing = false, CountsAsUnread = true };
        await Task.WhenAll(
            ImportAsync(from, to, from, outgoing, kind),
            from == to ? Task.CompletedTask : ImportAsync(from, to, to, incoming, kind));
    }

    private async Task ImportAsync(AccountKey from, AccountKey to, AccountKey owner, NewMessage message, ImportKind kind)
    {
        var peer = message.IsOutgoing ? to.Account : from.Account;
        var stored = await tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => Import(view, peer, message, kind), CancellationToken.None);
        if (stored is not null && kind == ImportKind.Delivered)
        {
            var delivered = new OutgoingMessage(
                from.Account, to.Account, message.Key.MsgSeq, message.Key.MsgRandom, message.Key.MsgTime, message.Content,
                IsOnlineOnly: false, SenderCopy.StoredAndPushed, CountsAsUnread: true, IsShownLast: true);
            await sender.DeliverAsync(delivered, message.Key, owner, peer, stored);
        }
    }

    /// <returns>Where the message is in the log; null when it is not there, or was there before.</returns>
    private static AppendedEntry? Import(PartitionView view, string peer, NewMessage message, ImportKind kind)
    {
        var rows = ConversationTable.Rows(peer);
        var rowKey = ImportedMessage.RowKey(peer, message.Key);
        var head = view.Get(rows.Head);
        if (view.GetUnlikely(rowKey) is { } known)
        {
            return known.GetString(AttemptColumn) == message.Attempt && !ImportedMessage.IsMessage(known) ? ConversationTable.FindAppended(view, rows, message) : null;
        }

        var isInLog = Timeline.Find(view, rows, ConversationTable.IdentityName(message.Key, message.IsOutgoing), message.Key.MsgTime) is not null;
        if (isInLog || (head is null && !view.ExistsLikely(AccountTable.AccountRow)))
        {
            return null;
        }

        if (kind == ImportKind.History)
        {
            InsertHistory(view, rows, head, rowKey, message);
            return null;
        }

        view.Insert(new TableEntity { RowKey = rowKey, [AttemptColumn] = message.Attempt });
        return ConversationTable.AppendNew(view, rows, head, message);
    }

    // The head is always written: its version guards what After says.
    private static void InsertHistory(PartitionView view, TimelineRows rows, TableEntity? head, string rowKey, NewMessage message)
    {
        var next = head?.Copy() ?? Timeline.Begin(rows, message.Now);
        ImportedMessage.Note(next, message.Key.MsgTime);
        next[ImportedMessage.HeadAfterColumn] = next.GetInt64("LastSeq") ?? 0;
        next["ShownTime"] = Math.Max(next.GetInt64("ShownTime") ?? 0, message.Key.MsgTime);
        view.Put(next);

        var row = StoredMessage.ToRow(message.Key, message.IsOutgoing, message.Content);
        row.RowKey = rowKey;
        row["SentTime"] = message.Key.MsgTime;
        row[ImportedMessage.AfterColumn] = next.GetInt64("LastSeq") ?? 0;
        row[AttemptColumn] = message.Attempt;
        view.Insert(row);
    }
}
