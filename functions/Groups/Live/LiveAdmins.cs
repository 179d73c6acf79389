using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>The admins of a live room, at most five: row <c>l</c>.</summary>
public static class LiveAdmins
{
    public const string RowKey = "l";

    /// <summary>Source: API reference, groups §7.5.</summary>
    public const int Most = 5;

    public static IReadOnlyList<string> Of(PartitionView view) =>
        view.Get(RowKey)?.GetString("Accounts") is { Length: > 0 } accounts ? [.. accounts.Split('|').Select(KeyText.Unescape)] : [];

    public static void Put(PartitionView view, IReadOnlyList<string> accounts) =>
        view.Put(new TableEntity { RowKey = RowKey, ["Accounts"] = string.Join('|', accounts.Select(KeyText.Escape)) });
}
