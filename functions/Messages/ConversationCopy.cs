using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// One side's copy of a conversation inside a change of its partition: finds messages by their keys, replaces them, and keeps the unread
/// count right. What it collects is written by <see cref="Append"/>.
/// </summary>
/// <remarks>
/// Head, besides the timeline's own: Unread; ReadSeq, up to which all is read; ClearedSeq, up to which the history was deleted;
/// Edits, the number of unread messages that were taken away; ShownSeq and ShownTime, what the conversation list shows; Hidden, not in the list.
/// </remarks>
public sealed class ConversationCopy
{
    private readonly PartitionView _view;
    private readonly string _peer;
    private readonly DateTimeOffset _now;
    private int _lessUnread;

    public ConversationCopy(PartitionView view, string peer, DateTimeOffset now)
    {
        (_view, _peer, _now) = (view, peer, now);
        Rows = ConversationTable.Rows(peer);
        Head = view.Get(Rows.Head);
    }

    /// <summary>For rows that are not the conversation's.</summary>
    public PartitionView View => _view;

    public TimelineRows Rows { get; }

    /// <summary>Null when there is no such conversation.</summary>
    public TableEntity? Head { get; }

    /// <summary>The row of a message, also of one that its owner sees no more; null when there is none.</summary>
    public TableEntity? FindStored(MessageKey key, bool isOutgoing) =>
        Timeline.Find(_view, Rows, ConversationTable.IdentityName(key, isOutgoing), key.MsgTime) ?? FindImported(key, isOutgoing);

    /// <summary>The row of a message that can still be seen; null when there is none.</summary>
    public TableEntity? Find(MessageKey key, bool isOutgoing)
    {
        var row = FindStored(key, isOutgoing);
        return row is not null && Head is not null && StoredMessage.IsVisible(row, _now) && !IsCleared(row, Head) ? row : null;
    }

    private TableEntity? FindImported(MessageKey key, bool isOutgoing) =>
        Head?.GetBoolean(ImportedMessage.HeadColumn) == true ? ImportedMessage.Find(_view, _peer, key, isOutgoing) : null;

    /// <summary>Puts a row in the place of a message. One that was unread and is so no more is taken out of the count.</summary>
    public void Replace(TableEntity message, TableEntity replacement)
    {
        var wasUnread = message.GetBoolean(StoredMessage.UnreadColumn) == true && message.GetInt64("Seq") > (Head?.GetInt64("ReadSeq") ?? 0);
        _lessUnread += wasUnread && replacement.GetBoolean(StoredMessage.UnreadColumn) != true ? 1 : 0;
        _view.Put(replacement);
    }

    /// <summary>Appends what was done to the log, and corrects the unread count.</summary>
    /// <returns>What the owner's devices shall hear.</returns>
    public C2CEvent Append(C2CEvent change, Action<TableEntity, AppendedEntry>? updateHead = null) =>
        ConversationChange.Append(_view, Head!, _peer, change, _now, (next, appended) =>
        {
            if (_lessUnread > 0)
            {
                next["Unread"] = Math.Max(0, (next.GetInt64("Unread") ?? 0) - _lessUnread);
                next["Edits"] = (next.GetInt64("Edits") ?? 0) + 1;
            }

            updateHead?.Invoke(next, appended);
        });

    /// <summary>Reads back a change that was appended before, as the owner's devices shall hear it.</summary>
    public C2CEvent? FindChange(long? sequence) =>
        sequence is { } number && _view.Get(Rows.Entry(number)) is { } row ? ConversationChange.FromRow(row, _peer) : null;

    /// <summary>The name of a message inside a change.</summary>
    public static C2CTarget Target(MessageKey key, TableEntity row) => new(key.ToString(), row.GetInt64("Seq"));

    /// <summary>Whether the owner has deleted the history that holds a row.</summary>
    public static bool IsCleared(TableEntity row, TableEntity head) =>
        (row.GetInt64("Seq") ?? row.GetInt64(ImportedMessage.AfterColumn)) < (head.GetInt64("ClearedSeq") ?? 0);
}
