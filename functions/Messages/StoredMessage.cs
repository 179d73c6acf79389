using System.Globalization;
using System.Security.Cryptography;
using Azure.Data.Tables;
using Parley.Rest;

namespace Parley.Messages;

/// <summary>The key by which the API names a one-to-one message: <c>{MsgSeq}_{MsgRandom}_{MsgTime}</c>, the same on both sides.</summary>
public readonly record struct MessageKey(uint MsgSeq, uint MsgRandom, long MsgTime)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{MsgSeq}_{MsgRandom}_{MsgTime}");

    /// <summary>What stands for a MsgSeq that the sender did not give.</summary>
    public static uint RandomMsgSeq() => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));

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
/// <param name="Sequence">Its place in that copy, dense from 1.</param>
/// <param name="Time">Unix seconds; never less than that of the message before it.</param>
/// <param name="IsOutgoing">Whether the owner of the copy sent it.</param>
public sealed record StoredMessage(long Sequence, long Time, MessageKey Key, bool IsOutgoing, MessageContent Content)
{
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
            row["SupportsExtension"] = true;
        }

        return row;
    }

    public static StoredMessage FromRow(TableEntity row) => new(
        row.GetInt64("Seq") ?? 0,
        row.GetInt64("Time") ?? 0,
        new MessageKey((uint)(row.GetInt64("MsgSeq") ?? 0), (uint)(row.GetInt64("MsgRandom") ?? 0), row.GetInt64("SentTime") ?? 0),
        row.GetBoolean("Outgoing") ?? false,
        new MessageContent(
            new RawJson(row.GetString("MsgBody") ?? "[]"),
            row.GetString("CloudCustomData"),
            row.GetString("OfflinePushInfo") is { } push ? new RawJson(push) : null,
            row.GetBoolean("NeedsReadReceipt") ?? false,
            row.GetBoolean("SupportsExtension") ?? false));
}
