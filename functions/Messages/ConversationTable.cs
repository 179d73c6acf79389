using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>A message on its way into one side's copy of a conversation.</summary>
/// <param name="Attempt">Names the request, so that its own replay is no duplicate.</param>
/// <param name="CountsAsUnread">Only in the receiver's copy, and not with SendMsgControl NoUnread.</param>
/// <param name="IsShownLast">Whether the conversation list moves to it; not with SendMsgControl NoLastMsg.</param>
public sealed record NewMessage(
    MessageKey Key, bool IsOutgoing, MessageContent Content, string Attempt, DateTimeOffset Now, bool CountsAsUnread, bool IsShownLast)
{
    /// <summary>When it can no longer be read back, in Unix seconds; null for the app's roaming days.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>What else the transaction does that stores it.</summary>
    public Action<PartitionView>? OnStored { get; init; }

    /// <summary>Came from another system; a mark beside the log says so.</summary>
    public bool IsImported { get; init; }
}

/// <summary>
/// One-to-one conversations in table <c>accounts</c>, a copy on each side in its account's partition:
/// head <c>c|{peer}</c>, which is also the row of the conversation list (its columns: <see cref="ConversationCopy"/>), the log
/// <c>m|{peer}|{seq}</c> of messages and changes, and <c>k|{peer}|{o or p}{MsgSeq}_{MsgRandom}</c> by which a message is recognised and
/// found (o: own, p: the peer's).
/// </summary>
public sealed class ConversationTable(TableStore tables)
{
    /// <summary>Prefix of the heads.</summary>
    public const string HeadPrefix = "c|";

    private static readonly TimeSpan FreshnessOfHead = TimeSpan.FromSeconds(30);

    /// <summary>The rows of a conversation; see the class.</summary>
    public static TimelineRows Rows(string peer) => RowsOfKey(KeyText.Escape(peer));

    /// <summary>The rows of the conversation with that head.</summary>
    public static TimelineRows RowsOfHead(string rowKey) => RowsOfKey(rowKey[HeadPrefix.Length..]);

    /// <summary>The name under which a message is recognised in the copy of one side.</summary>
    public static string IdentityName(MessageKey key, bool isOutgoing) => FormattableString.Invariant($"{(isOutgoing ? 'o' : 'p')}{key.MsgSeq}_{key.MsgRandom}");

    /// <summary>Whether this instance knows the conversation, without asking anybody; and the time of its last message, in Unix seconds.</summary>
    public bool TryPeek(AccountKey owner, string peer, out long lastTime)
    {
        var head = tables.AccountWriter.Peek(owner.PartitionKey, Rows(peer).Head);
        lastTime = head?.GetInt64("LastTime") ?? 0;
        return head is not null;
    }

    /// <summary>Whether the conversation exists in the copy of that side.</summary>
    public Task<bool> ExistsAsync(AccountKey owner, string peer, CancellationToken cancellation)
    {
        var head = Rows(peer).Head;
        return tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => view.Get(head) is not null, cancellation);
    }

    /// <summary>Appends a message to one side's copy; safe to repeat.</summary>
    /// <param name="isLikelyNew">Guess that the conversation does not exist yet; saves the read of its head. A wrong guess costs time, not correctness.</param>
    /// <returns>Where the message is; null when the account does not exist.</returns>
    public Task<AppendedEntry?> AppendAsync(AccountKey owner, string peer, NewMessage message, bool isLikelyNew, CancellationToken cancellation)
    {
        var rows = Rows(peer);
        return tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => Append(view, rows, message, isLikelyNew, check: null).Value, cancellation);
    }

    /// <summary>As the other, unless the owner has an objection; a message that was stored before is none.</summary>
    /// <param name="check">Gets the head, or null when there is none; must be pure.</param>
    public Task<Result<AppendedEntry?>> AppendAsync(
        AccountKey owner, string peer, NewMessage message, bool isLikelyNew, Func<PartitionView, TableEntity?, ApiError?>? check, CancellationToken cancellation)
    {
        var rows = Rows(peer);
        return tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => Append(view, rows, message, isLikelyNew, check), cancellation);
    }

    /// <summary>Whether the owner has an objection, for a message that is not stored. Goes by what is remembered of the last half minute, else it is read.</summary>
    public async ValueTask<ApiError?> CheckAsync(
        AccountKey owner, string peer, Func<PartitionView, TableEntity?, ApiError?> check, bool isHeadEnough, CancellationToken cancellation)
    {
        var row = Rows(peer).Head;
        return isHeadEnough && tables.AccountWriter.TryPeek(owner.PartitionKey, row, FreshnessOfHead, out var head) && !ConversationBlock.IsBlocked(head)
            ? null
            : await tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => check(view, view.Get(row)), cancellation);
    }

    /// <summary>Takes back one side's copy of a message that the other side has refused at the last moment.</summary>
    public Task TakeBackAsync(AccountKey owner, string peer, long sequence, CancellationToken cancellation)
    {
        var rows = Rows(peer);
        return tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => TakeBack(view, rows, sequence), cancellation);
    }

    /// <summary>Whether this instance knows that the owner takes no messages from the other one. Asks nobody.</summary>
    public bool IsLikelyBlocked(AccountKey owner, string peer) => ConversationBlock.IsBlocked(tables.AccountWriter.Peek(owner.PartitionKey, Rows(peer).Head));

    /// <summary>Gives a stored message the time in its key that the other side's copy has; mends what a crash between the two left.</summary>
    public Task AdoptTimeAsync(AccountKey owner, string peer, NewMessage message, long sequence, CancellationToken cancellation)
    {
        var rows = Rows(peer);
        var identityRow = rows.Identity(IdentityName(message.Key, message.IsOutgoing));
        return tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => AdoptTime(view, rows.Entry(sequence), identityRow, sequence, message.Key.MsgTime), cancellation);
    }

    /// <summary>The peer of the conversation with that head.</summary>
    public static string PeerOfHead(string rowKey) => KeyText.Unescape(rowKey[HeadPrefix.Length..]);

    private static TimelineRows RowsOfKey(string key) => new($"{HeadPrefix}{key}", $"m|{key}|", $"k|{key}|");

    private static EntryIdentity IdentityOf(NewMessage message) =>
        new(IdentityName(message.Key, message.IsOutgoing), message.Attempt, message.Content.Digest);

    private static Result<AppendedEntry?> Append(
        PartitionView view, TimelineRows rows, NewMessage message, bool isLikelyNew, Func<PartitionView, TableEntity?, ApiError?>? check)
    {
        if (FindAppended(view, rows, message) is { } duplicate)
        {
            return duplicate;
        }

        var head = isLikelyNew ? view.GetUnlikely(rows.Head) : view.Get(rows.Head);
        if (check?.Invoke(view, head) is { } objection)
        {
            // That it is new was only assumed, and nothing will be written that would show otherwise.
            view.Get(rows.Identity(IdentityOf(message).Name));
            return objection;
        }

        return head is null && !view.ExistsLikely(AccountTable.AccountRow) ? (AppendedEntry?)null : AppendNew(view, rows, head, message);
    }

    // With its name, or a repeated call that the other side takes would find it here as stored.
    private static bool TakeBack(PartitionView view, TimelineRows rows, long sequence)
    {
        if (view.Get(rows.Entry(sequence)) is not { } entry || StoredMessage.IsDeleted(entry))
        {
            return false;
        }

        view.Put(StoredMessage.Deleted(entry));
        if (entry.GetString("Identity") is { } name && view.Get(rows.Identity(name))?.GetInt64("Seq") == sequence)
        {
            view.Delete(rows.Identity(name));
        }

        if (entry.GetBoolean(StoredMessage.UnreadColumn) == true && view.Get(rows.Head)?.Copy() is { } head && sequence > (head.GetInt64("ReadSeq") ?? 0))
        {
            head["Unread"] = Math.Max(0, (head.GetInt64("Unread") ?? 0) - 1);
            head["Edits"] = (head.GetInt64("Edits") ?? 0) + 1;
            view.Put(head);
        }

        return true;
    }

    /// <summary>Where a message is that was appended before, by this request or as the same message; null when there is none.</summary>
    public static AppendedEntry? FindAppended(PartitionView view, TimelineRows rows, NewMessage message) =>
        Timeline.FindDuplicate(view, rows, IdentityOf(message), message.Now);

    /// <summary>Appends a message that is known to be new.</summary>
    /// <param name="head">The conversation's head as read; null to begin it.</param>
    public static AppendedEntry AppendNew(PartitionView view, TimelineRows rows, TableEntity? head, NewMessage message)
    {
        var row = StoredMessage.ToRow(message.Key, message.IsOutgoing, message.Content);
        if (message.CountsAsUnread)
        {
            row[StoredMessage.UnreadColumn] = true;
        }

        if (message.ExpiresAt is { } expiry)
        {
            row[StoredMessage.ExpiresAtColumn] = expiry;
        }

        message.OnStored?.Invoke(view);
        return Timeline.Append(view, rows, head, row, IdentityOf(message), message.Key.MsgTime, message.Now, (next, appended) =>
        {
            next["Unread"] = (next.GetInt64("Unread") ?? 0) + (message.CountsAsUnread ? 1 : 0);
            if (message.CountsAsUnread)
            {
                UnreadExpiry.Note(next, message.ExpiresAt);
            }

            if (message.IsImported)
            {
                ImportedMessage.Note(next, message.Key.MsgTime);
            }

            if (message.IsShownLast)
            {
                next.Remove("Hidden");
                next["ShownSeq"] = appended.Sequence;
                next["ShownTime"] = appended.Time;
            }
        });
    }

    private static bool AdoptTime(PartitionView view, string entryRow, string identityRow, long sequence, long sentTime)
    {
        if (view.Get(entryRow) is not { } entry || entry.GetInt64("SentTime") == sentTime)
        {
            return false;
        }

        var adopted = entry.Copy();
        adopted["SentTime"] = sentTime;
        view.Put(adopted);
        if (view.Get(identityRow) is { } identity && identity.GetInt64("Seq") == sequence)
        {
            var renamed = identity.Copy();
            renamed["SentTime"] = sentTime;
            view.Put(renamed);
        }

        return true;
    }
}
