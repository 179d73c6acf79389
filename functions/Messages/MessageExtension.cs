using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>A key and value that hang on a message.</summary>
/// <param name="Value">Empty for one that was deleted.</param>
/// <param name="Seq">Version: each change of any of the message's pairs has a higher one.</param>
public sealed record MessageExtension(string Key, string Value, long Seq);

/// <summary>
/// Rows of a message's extensions in the receiver's partition of table <c>accounts</c>, once for both sides:
/// <c>x|{sender}|{time}|{MsgSeq}_{MsgRandom}</c> with Latest (highest Seq), ClearSeq (all up to it are gone), Pairs (how many there are), Rows (how many there ever were), the
/// changes of one Minute, and Attempt and ChangeSeq of the last change; and under it one row for each pair, <c>…|{hash of the key}</c>: Key, Value, Seq, Attempt, Deleted.
/// </summary>
public static class ExtensionRows
{
    public static string Head(string sender, MessageKey key) =>
        string.Create(CultureInfo.InvariantCulture, $"{From(sender, key.MsgTime)}|{key.MsgSeq:D10}_{key.MsgRandom:D10}");

    public static string Pair(string head, string key) => $"{head}|{Convert.ToHexString(XxHash128.Hash(Encoding.UTF8.GetBytes(key)))}";

    /// <summary>Where the rows of messages of that time begin, in Unix seconds.</summary>
    public static string From(string sender, long time) => $"x|{KeyText.Escape(sender)}|{KeyText.Sequence(time)}";

    public static MessageExtension FromRow(TableEntity row) =>
        new(row.GetString("Key") ?? "", IsDeleted(row) ? "" : row.GetString("Value") ?? "", row.GetInt64("Seq") ?? 0);

    public static bool IsDeleted(TableEntity row) => row.GetBoolean("Deleted") == true;
}
