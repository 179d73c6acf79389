using System.Globalization;
using System.Security.Cryptography;
using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>The key by which the API names a one-to-one message: <c>{MsgSeq}_{MsgRandom}_{MsgTime}</c>, the same on both sides.</summary>
public readonly record struct MessageKey(uint MsgSeq, uint MsgRandom, long MsgTime)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{MsgSeq}_{MsgRandom}_{MsgTime}");

    /// <summary>What stands for a MsgSeq that the sender did not give.</summary>
    public static uint RandomMsgSeq() => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));

    /// <summary>Reads the field MsgKey; 90054 when it is missing or malformed.</summary>
    public static MessageKey Read(FieldReader fields)
    {
        if (Parse(fields.Text("MsgKey", ApiError.MsgKeyInvalid)) is { } key)
        {
            return key;
        }

        fields.Fail(ApiError.MsgKeyInvalid.In("MsgKey"));
        return default;
    }

    public static MessageKey? Parse(string text)
    {
        var parts = text.Split('_');
        return parts.Length == 3
            && uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            && uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var random)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            ? new MessageKey(seq, random, time)
            : null;
    }
}

/// <summary>A one-to-one message as one side's copy of the conversation holds it.</summary>
/// <param name="Time">Unix seconds; never less than that of the message before it.</param>
/// <param name="IsOutgoing">Whether the owner of the copy sent it.</param>
/// <param name="Sequence">Its place in that copy, dense from 1; 0 for an imported one, which has none.</param>
public sealed record StoredMessage(long Sequence, long Time, MessageKey Key, bool IsOutgoing, MessageContent Content)
{
    public const string RecalledColumn = "Recalled";
    public const string PeerReadColumn = "PeerRead";
    public const string UnreadColumn = "Unread";
    public const string ExpiresAtColumn = "ExpiresAt";
    public const string SupportsExtensionColumn = "SupportsExtension";
    public const string DeletedColumn = "Deleted";

    /// <summary>Recalled for both sides; only that it was there is left.</summary>
    public bool IsRecalled { get; init; }

    /// <summary>The receiver has sent its read receipt.</summary>
    public bool IsPeerRead { get; init; }

    /// <summary>In the receiver's copy: whether it counts as unread until it is read.</summary>
    public bool CountsAsUnread { get; init; }

    /// <summary>The row of a message that is about to be appended; the timeline adds its own properties.</summary>
    public static TableEntity ToRow(MessageKey key, bool isOutgoing, MessageContent content)
    {
        var row = new TableEntity
        {
            ["MsgSeq"] = (long)key.MsgSeq,
            ["MsgRandom"] = (long)key.MsgRandom,
            ["Outgoing"] = isOutgoing,
            ["MsgBody"] = content.MsgBody.Text,
        };
        if (content.CloudCustomData is { } data)
        {
            row["CloudCustomData"] = data;
        }

        if (content.OfflinePushInfo is { } push)
        {
            row["OfflinePushInfo"] = push.Text;
        }

        if (content.NeedsReadReceipt)
        {
            row["NeedsReadReceipt"] = true;
        }

        if (content.SupportsExtension)
        {
            row[SupportsExtensionColumn] = true;
        }

        return row;
    }

    public static StoredMessage FromRow(TableEntity row) => new(
        row.GetInt64("Seq") ?? 0,
        row.GetInt64("Time") ?? row.GetInt64("SentTime") ?? 0,
        new MessageKey((uint)(row.GetInt64("MsgSeq") ?? 0), (uint)(row.GetInt64("MsgRandom") ?? 0), row.GetInt64("SentTime") ?? 0),
        row.GetBoolean("Outgoing") ?? false,
        new MessageContent(
            new RawJson(row.GetString("MsgBody") ?? "[]"),
            row.GetString("CloudCustomData"),
            row.GetString("OfflinePushInfo") is { } push ? new RawJson(push) : null,
            row.GetBoolean("NeedsReadReceipt") ?? false,
            row.GetBoolean(SupportsExtensionColumn) ?? false))
    {
        IsRecalled = row.GetBoolean(RecalledColumn) ?? false,
        IsPeerRead = row.GetBoolean(PeerReadColumn) ?? false,
        CountsAsUnread = row.GetBoolean(UnreadColumn) ?? false,
    };

    /// <summary>Whether a row is a message that can still be seen: no change of another one, not deleted by its owner, not past its life time.</summary>
    public static bool IsVisible(TableEntity row, DateTimeOffset now) =>
        !ConversationChange.IsChange(row) && !IsDeleted(row) && !(row.GetInt64(ExpiresAtColumn) <= now.ToUnixTimeSeconds());

    public static bool IsDeleted(TableEntity row) => row.GetBoolean(DeletedColumn) == true;

    /// <summary>What stays of a message that both sides lost, so that it is known to have been there.</summary>
    public static TableEntity Recalled(TableEntity message)
    {
        var row = WithoutContent(message);
        row[RecalledColumn] = true;
        return row;
    }

    /// <summary>What stays of a message that its owner deleted: its place, and the name by which a repeated call is recognised.</summary>
    public static TableEntity Deleted(TableEntity message)
    {
        var row = WithoutContent(message);
        row[DeletedColumn] = true;
        return row;
    }

    private static TableEntity WithoutContent(TableEntity message)
    {
        var row = message.Copy();
        foreach (var column in (string[])["MsgBody", "CloudCustomData", "OfflinePushInfo", UnreadColumn])
        {
            row.Remove(column);
        }

        return row;
    }
}
