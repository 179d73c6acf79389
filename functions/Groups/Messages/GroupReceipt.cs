using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>That a member has sent its read receipt for a message: row <c>r|{number}|{account}</c>. The message counts them.</summary>
public static class GroupReceipt
{
    /// <summary>Prefix of the rows.</summary>
    public const string Prefix = "r|";

    private const string AttemptColumn = "Attempt";

    /// <summary>Where the receipts of a message begin.</summary>
    public static string From(long sequence) => $"{Prefix}{KeyText.Sequence(sequence)}|";

    /// <summary>The key after the last of them.</summary>
    public static string To(long sequence) => $"{Prefix}{KeyText.Sequence(sequence)}}}";

    public static string RowKeyOf(long sequence, string account) => From(sequence) + KeyText.Escape(account);

    public static string AccountOf(long sequence, string rowKey) => KeyText.Unescape(rowKey[From(sequence).Length..]);

    public static TableEntity NewRow(long sequence, string account, string attempt) => new() { RowKey = RowKeyOf(sequence, account), [AttemptColumn] = attempt };

    /// <summary>Whether a request has written it, so that its own replay counts it as new.</summary>
    public static bool IsOf(TableEntity row, string attempt) => row.GetString(AttemptColumn) == attempt;
}
