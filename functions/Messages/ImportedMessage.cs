using System.Globalization;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Rows <c>h|{peer}|{time}|{MsgSeq}_{MsgRandom}</c> of an account's partition in table <c>accounts</c>: messages imported from an older
/// system, newest first. History has no place in the log, whose times never fall, so it stands beside the log, by time; an import that
/// counts as unread is in the log and leaves only its mark here. The key is what makes an import the same as an earlier one.
/// </summary>
/// <remarks>
/// Numbers in the key are counted down from the highest. Row: that of a message, with SentTime, and After, the number of the log's last
/// entry when it came. A mark has neither message nor After. Column Imported of the conversation's head says that there are such rows.
/// </remarks>
public static class ImportedMessage
{
    public const string AfterColumn = "After";

    /// <summary>Column of the head.</summary>
    public const string HeadColumn = "Imported";

    /// <summary>Column of the head: time of the oldest such row, in Unix seconds.</summary>
    public const string OldestColumn = "ImportedFrom";

    /// <summary>Column of the head: After of the latest such row.</summary>
    public const string HeadAfterColumn = "ImportedAfter";

    private const long HighestTime = 999_999_999_999;

    /// <summary>The row key; the same whichever side sent it.</summary>
    public static string RowKey(string peer, MessageKey key) => string.Create(
        CultureInfo.InvariantCulture, $"{From(peer, key.MsgTime)}|{uint.MaxValue - key.MsgSeq:D10}_{key.MsgRandom:D10}");

    /// <summary>The row keys of messages of that time or older begin here; in Unix seconds.</summary>
    public static string From(string peer, long time) =>
        $"h|{KeyText.Escape(peer)}|{KeyText.Sequence(HighestTime - Math.Clamp(time, 0, HighestTime))}";

    /// <summary>The row keys of messages of that time or newer end before this; in Unix seconds.</summary>
    public static string To(string peer, long time) => $"{From(peer, time)}}}";

    /// <summary>Notes in the head that there is such a row.</summary>
    public static void Note(TableEntity head, long time)
    {
        head[HeadColumn] = true;
        head[OldestColumn] = Math.Min(head.GetInt64(OldestColumn) ?? long.MaxValue, time);
    }

    /// <summary>Reads the row of an imported message; null when there is none of that key and direction.</summary>
    public static TableEntity? Find(PartitionView view, string peer, MessageKey key, bool isOutgoing) =>
        view.Get(RowKey(peer, key)) is { } row && IsMessage(row) && row.GetBoolean("Outgoing") == isOutgoing ? row : null;

    /// <summary>Whether a row holds a message, not only the mark that one is in the log.</summary>
    public static bool IsMessage(TableEntity row) => row.ContainsKey(AfterColumn);
}
