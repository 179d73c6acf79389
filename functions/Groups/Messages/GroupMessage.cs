using Azure.Data.Tables;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>Which of many messages a busy group keeps; in the order of the numbers on the wire.</summary>
/// <remarks>Source: API reference, groups §5.1 and §5.4.</remarks>
public enum MessagePriority
{
    High = 1,
    Normal = 2,
    Low = 3,
    Lowest = 4,
}

/// <summary>An entry of a group's log: a message, or a tip that tells of members and settings. Row <c>m|{number}</c>.</summary>
public sealed record GroupMessage
{
    public const string RecalledColumn = "Recalled";
    public const string DeletedColumn = "Deleted";
    public const string CountsColumn = "Counts";
    public const string CountedColumn = "Counted";
    public const string FromColumn = "From";
    public const string ReadersColumn = "Readers";

    private const string AttemptColumn = "ChangeAttempt";
    private const string ChangeColumn = "ChangeSeq";

    private static readonly string[] ContentColumns = ["MsgBody", "CloudCustomData", "OfflinePushInfo", "At", "NeedsReadReceipt", "SupportsExtension"];

    /// <summary>The number, from 1 without gaps.</summary>
    public long Seq { get; init; }

    /// <summary>Unix seconds.</summary>
    public long Time { get; init; }

    /// <summary>Who sent it; empty for a tip of the system.</summary>
    public required string From { get; init; }

    public uint Random { get; init; }

    public MessagePriority Priority { get; init; } = MessagePriority.Normal;

    public required MessageContent Content { get; init; }

    /// <summary>Tells of members or settings; see <see cref="GroupTip"/>.</summary>
    public bool IsTip { get; init; }

    /// <summary>Whether those who have not read it see it counted.</summary>
    public bool Counts { get; init; }

    /// <summary>Whether the conversation list moves to it; not with SendMsgControl NoLastMsg.</summary>
    public bool IsShownLast { get; init; } = true;

    /// <summary><see cref="GroupHead.Counted"/> with this message.</summary>
    public long Counted { get; init; }

    /// <summary>Who may see it; everybody where it is empty.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>GroupAtInfo as sent, a JSON array.</summary>
    public RawJson? At { get; init; }

    /// <summary>How many members there were besides the sender; for read receipts.</summary>
    public int Others { get; init; }

    /// <summary>How many of them have sent a read receipt.</summary>
    public int Readers { get; init; }

    public bool IsRecalled { get; init; }

    public bool IsDeleted { get; init; }

    /// <summary>Why and by whom it was recalled.</summary>
    public string RecalledBy { get; init; } = "";

    public string RecallReason { get; init; } = "";

    /// <summary>Whether somebody may see it.</summary>
    public bool IsVisibleTo(string account) => !IsDeleted && (To.Count == 0 || From == account || To.Contains(account));

    public static GroupMessage FromRow(TableEntity row) => new()
    {
        Seq = row.GetInt64("Seq") ?? 0,
        Time = row.GetInt64("Time") ?? 0,
        From = row.GetString(FromColumn) ?? "",
        Random = (uint)(row.GetInt64("Random") ?? 0),
        Priority = (MessagePriority)(row.GetInt32("Priority") ?? (int)MessagePriority.Normal),
        Content = new MessageContent(
            new RawJson(row.GetString("MsgBody") ?? "[]"),
            row.GetString("CloudCustomData"),
            row.GetString("OfflinePushInfo") is { } push ? new RawJson(push) : null,
            row.GetBoolean("NeedsReadReceipt") ?? false,
            row.GetBoolean("SupportsExtension") ?? false),
        IsTip = row.GetBoolean("IsTip") ?? false,
        Counts = row.GetBoolean(CountsColumn) ?? false,
        IsShownLast = !(row.GetBoolean("NoLastMsg") ?? false),
        Counted = row.GetInt64(CountedColumn) ?? 0,
        To = row.GetString("To") is { } to ? [.. to.Split('|').Select(KeyText.Unescape)] : [],
        At = row.GetString("At") is { } at ? new RawJson(at) : null,
        Others = row.GetInt32("Others") ?? 0,
        Readers = row.GetInt32(ReadersColumn) ?? 0,
        IsRecalled = row.GetBoolean(RecalledColumn) ?? false,
        IsDeleted = row.GetBoolean(DeletedColumn) ?? false,
        RecalledBy = row.GetString("RecalledBy") ?? "",
        RecallReason = row.GetString("RecallReason") ?? "",
    };

    /// <summary>The row, but for what the timeline writes: its key, number, times and identity.</summary>
    public TableEntity ToRow()
    {
        var row = new TableEntity
        {
            [FromColumn] = From,
            ["Random"] = (long)Random,
            ["Priority"] = (int)Priority,
            ["MsgBody"] = Content.MsgBody.Text,
            [CountedColumn] = Counted,
            ["Others"] = Others,
        };
        row.SetOrOmit("CloudCustomData", Content.CloudCustomData);
        row.SetOrOmit("OfflinePushInfo", Content.OfflinePushInfo?.Text);
        row.SetOrOmit("NeedsReadReceipt", Flag(Content.NeedsReadReceipt));
        row.SetOrOmit("SupportsExtension", Flag(Content.SupportsExtension));
        row.SetOrOmit("IsTip", Flag(IsTip));
        row.SetOrOmit(CountsColumn, Flag(Counts));
        row.SetOrOmit("NoLastMsg", Flag(!IsShownLast));
        row.SetOrOmit("To", To.Count == 0 ? null : string.Join('|', To.Select(KeyText.Escape)));
        row.SetOrOmit("At", At?.Text);
        return row;
    }

    /// <summary>What stays of a message that was recalled: that there was one, and who took it back.</summary>
    public static TableEntity Recalled(TableEntity message, string by, string reason)
    {
        var row = WithoutContent(message);
        row[RecalledColumn] = true;
        row["RecalledBy"] = by;
        row["RecallReason"] = reason;
        return row;
    }

    /// <summary>What stays of a message that was deleted: its number, and the name by which a repeated call is recognised.</summary>
    public static TableEntity Deleted(TableEntity message)
    {
        var row = WithoutContent(message);
        row[DeletedColumn] = true;
        return row;
    }

    /// <summary>What a message says after a modification.</summary>
    public static TableEntity Modified(TableEntity message, RawJson body, string? customData)
    {
        var row = message.Copy();
        row["MsgBody"] = body.Text;
        row.SetOrOmit("CloudCustomData", customData);
        return row;
    }

    /// <summary>Notes which request changed a message last, and where the log of changes tells of it.</summary>
    public static TableEntity Marked(TableEntity row, string attempt, long change)
    {
        (row[AttemptColumn], row[ChangeColumn]) = (attempt, change);
        return row;
    }

    /// <summary>Where the log of changes tells of what a request did to a message; null when it did nothing.</summary>
    public static long? ChangeOf(TableEntity row, string attempt) => row.GetString(AttemptColumn) == attempt ? row.GetInt64(ChangeColumn) : null;

    private static TableEntity WithoutContent(TableEntity message)
    {
        var row = message.Copy();
        foreach (var column in ContentColumns)
        {
            row.Remove(column);
        }

        return row;
    }

    private static bool? Flag(bool isSet) => isSet ? true : null;
}
