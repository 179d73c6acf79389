using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>That an account may neither be in a live room nor speak there: row <c>b|{account}</c>.</summary>
/// <param name="Until">Unix seconds; <see cref="long.MaxValue"/> for ever.</param>
/// <param name="Description">Why, for the app.</param>
public sealed record LiveBan(string Account, long Until, string Description)
{
    /// <summary>Prefix of the rows.</summary>
    public const string Prefix = "b|";

    /// <summary>The key after the last.</summary>
    public const string End = "b}";

    /// <summary>How many a room may have. Ours: instances remember all of them.</summary>
    public const int Most = 1_000;

    public static string RowKeyOf(string account) => Prefix + KeyText.Escape(account);

    public static LiveBan FromRow(TableEntity row) =>
        new(KeyText.Unescape(row.RowKey[Prefix.Length..]), row.GetInt64("Until") ?? 0, row.GetString("Description") ?? "");

    public static LiveBan? Find(PartitionView view, string account) => view.Get(RowKeyOf(account)) is { } row ? FromRow(row) : null;

    public TableEntity ToRow() => new() { RowKey = RowKeyOf(Account), ["Until"] = Until, ["Description"] = Description };
}
