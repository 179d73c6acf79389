using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Groups;

/// <summary>That an account may not speak in a group, member or not: row <c>q|{account}</c>. It outlasts leaving and coming back.</summary>
/// <param name="Until">Unix seconds.</param>
public sealed record GroupMute(string Account, long Until)
{
    /// <summary>Prefix of the rows.</summary>
    public const string Prefix = "q|";

    public static string RowKeyOf(string account) => Prefix + KeyText.Escape(account);

    public static GroupMute FromRow(TableEntity row) => new(KeyText.Unescape(row.RowKey[Prefix.Length..]), row.GetInt64("Until") ?? 0);

    public TableEntity ToRow() => new() { RowKey = RowKeyOf(Account), ["Until"] = Until, ["Account"] = Account };
}
