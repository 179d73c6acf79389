using System.Buffers;
using System.Globalization;
using System.Text;
using Parley.Archives;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Archives;

/// <summary>Compares a restored app with the one that was exported, row by row.</summary>
internal static class RestoredApp
{
    /// <summary>Every row that a restore brings, as text, without what a restore changes on purpose.</summary>
    public static async Task<IReadOnlyList<string>> RowsAsync(AppInstance instance, uint sdkAppId)
    {
        var texts = new List<string>();
        foreach (var (table, row) in await SampleApp.RowsAsync(instance, sdkAppId))
        {
            var isOfConnections = table == TableNames.Accounts && (row.RowKey == "y" || row.RowKey.StartsWith("p|", StringComparison.Ordinal));
            if (isOfConnections || (table == TableNames.Groups && row.RowKey == "o") || (table == TableNames.Apps && row.RowKey == "app"))
            {
                continue;
            }

            foreach (var column in (string[])["Epoch", "HiddenEpoch"])
            {
                row.Remove(column);
            }

            if (table == TableNames.Accounts && row.RowKey.StartsWith("g|", StringComparison.Ordinal))
            {
                foreach (var column in (string[])["Pending", "UnderWay", "Version", "Attempt", "BegunAt", "HearsUntil"])
                {
                    row.Remove(column);
                }
            }

            row.PartitionKey = AppRows.Move(row.PartitionKey, sdkAppId, 1);
            var text = new ArrayBufferWriter<byte>();
            RowText.Write(text, Sorted(row));
            texts.Add(string.Create(CultureInfo.InvariantCulture, $"{table} {Encoding.UTF8.GetString(text.WrittenSpan).TrimEnd()}"));
        }

        // By their keys: where they were found depends on the app.
        return [.. texts.Order(StringComparer.Ordinal)];
    }

    private static Azure.Data.Tables.TableEntity Sorted(Azure.Data.Tables.TableEntity row)
    {
        var sorted = new Azure.Data.Tables.TableEntity(row.PartitionKey, row.RowKey);
        foreach (var name in row.Keys.Where(name => name is not ("odata.etag" or "Timestamp" or "PartitionKey" or "RowKey")).Order())
        {
            sorted[name] = row[name];
        }

        return sorted;
    }
}
