using System.Globalization;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Archives;

/// <summary>Partitions of a table that belong to an app.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The one after the last.</param>
internal sealed record RowRange(string Table, string From, string To)
{
    public string Filter => TableClient.CreateQueryFilter($"PartitionKey ge {From} and PartitionKey lt {To}");
}

/// <summary>Where the rows of an app are, in the order in which they are exported.</summary>
/// <remarks>
/// Not among them: connections of guests (<c>v|…</c>), tasks, dead letters, and which accounts were active in hours whose history files are not made yet. Accounts come before groups: what is
/// put right after a restore rests on it.
/// </remarks>
internal static class AppRows
{
    /// <summary>Row of an app's settings.</summary>
    public const string SettingsRow = "app";

    public static IReadOnlyList<RowRange> Of(uint sdkAppId)
    {
        var app = sdkAppId.ToString(CultureInfo.InvariantCulture);
        return
        [
            One(TableNames.Apps, app),
            Below(TableNames.Accounts, app), Below(TableNames.Accounts, $"x|{app}"), One(TableNames.Accounts, $"q|{app}"),
            Below(TableNames.Logins, app),
            Below(TableNames.Groups, app), One(TableNames.Groups, $"x|{app}"),
            One(TableNames.Statistics, app),
            One(TableNames.History, app),
        ];
    }

    /// <summary>The containers in which an app has files, each in its <see cref="BlobStore.FolderOf"/>.</summary>
    public static IReadOnlyList<string> Containers { get; } = [TableNames.HistoryContainer];

    /// <summary>Where a row itself does not matter.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["PartitionKey", "RowKey"];

    /// <summary>Whether a row is an app's settings, which a restore changes but never deletes.</summary>
    public static bool IsSettings(string table, TableEntity row) => table == TableNames.Apps && row.RowKey == SettingsRow;

    /// <summary>The same partition of another app.</summary>
    /// <exception cref="FormatException">It is none of the app's.</exception>
    public static string Move(string partitionKey, uint from, uint to)
    {
        var parts = partitionKey.Split('|');
        var place = parts[0] is "x" or "q" ? 1 : 0;
        if (parts.Length <= place || parts[place] != from.ToString(CultureInfo.InvariantCulture))
        {
            throw new FormatException($"Partition {partitionKey} is none of app {from}.");
        }

        parts[place] = to.ToString(CultureInfo.InvariantCulture);
        return string.Join('|', parts);
    }

    private static RowRange One(string table, string partition) => new(table, partition, $"{partition}!");

    private static RowRange Below(string table, string prefix) => new(table, $"{prefix}|", $"{prefix}}}");
}
