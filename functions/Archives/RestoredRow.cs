using Azure.Data.Tables;
using Parley.Callbacks;
using Parley.Groups.Membership;
using Parley.Storage;

namespace Parley.Archives;

/// <summary>What becomes of a row of an export in the app that it is restored into.</summary>
/// <param name="EpochShift">Added to every epoch: devices that know more than the export drop what they keep, and groups have names of their own in SignalR.</param>
internal sealed record RestoredRow(uint From, uint To, long EpochShift)
{
    private const string Attempt = "restore";

    /// <summary>The row as it is to be written; null when it is not: who is connected, and who is in a live room, is not so any more, and callbacks that waited were for the app that was exported.</summary>
    public TableEntity? Adjust(string table, TableEntity row)
    {
        if (IsOfTheMoment(table, row.RowKey) || AppRows.IsSettings(table, row))
        {
            return null;
        }

        row.PartitionKey = AppRows.Move(row.PartitionKey, From, To);
        if (table is TableNames.Accounts or TableNames.Groups)
        {
            Shift(row, "Epoch");
            Shift(row, "HiddenEpoch");
        }

        if (table == TableNames.Accounts && row.RowKey.StartsWith(GroupMembership.Prefix, StringComparison.Ordinal))
        {
            Doubt(row);
        }

        return row;
    }

    /// <summary>Whether a row tells of what is under way, and may come and go while nothing else does.</summary>
    public static bool IsOfTheMoment(string table, string rowKey) => table switch
    {
        TableNames.Accounts => rowKey == "y" || rowKey.StartsWith("p|", StringComparison.Ordinal) || rowKey.StartsWith(CallbackStream.Prefix, StringComparison.Ordinal),
        TableNames.Groups => rowKey == "o" || rowKey.StartsWith(CallbackStream.Prefix, StringComparison.Ordinal),
        _ => false,
    };

    private void Shift(TableEntity row, string column)
    {
        if (row.GetInt64(column) is { } epoch and > 0)
        {
            row[column] = epoch + EpochShift;
        }
    }

    // As if a change had broken off: whoever looks at it next asks the group, and tells SignalR.
    private static void Doubt(TableEntity row)
    {
        row["Pending"] = 1;
        row["UnderWay"] = Attempt;
        row["Version"] = (row.GetInt64("Version") ?? 0) + 1;
        row["Attempt"] = Attempt;
        row["BegunAt"] = 0L;
        row["HearsUntil"] = 0L;
    }
}
