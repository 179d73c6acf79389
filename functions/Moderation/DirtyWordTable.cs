using System.Text;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Moderation;

/// <summary>Row <c>words</c> of an app's partition in table <c>apps</c>: its dirty words, as lines of UTF-8 in the columns W0, W1, ...</summary>
/// <remarks>Whoever has changed the row counts <see cref="App.DirtyWordsVersion"/> up afterwards, by which instances notice.</remarks>
public sealed class DirtyWordTable(TableStore tables)
{
    private const string Row = "words";
    private const int MostAttempts = 20;
    private const int LongestWaitMilliseconds = 100;

    /// <summary>A column holds 64 KB.</summary>
    private const int ColumnBytes = 64 * 1024;

    /// <summary>The words in the order of their addition.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(uint sdkAppId, CancellationToken cancellation)
    {
        var row = await FindAsync(sdkAppId, cancellation);
        return row is null ? [] : FromRow(row);
    }

    /// <summary>Changes the list. The row's version guards the write, so of two changes at once none is lost.</summary>
    /// <param name="change">A pure function of the list, which may run several times; null when it refuses.</param>
    /// <returns>False when the change was refused.</returns>
    /// <exception cref="RequestFailedException">Storage failed, or others changed the list each time.</exception>
    public async Task<bool> ChangeAsync(uint sdkAppId, Func<IReadOnlyList<string>, IReadOnlyList<string>?> change, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var stored = await FindAsync(sdkAppId, cancellation);
            if (change(stored is null ? [] : FromRow(stored)) is not { } words)
            {
                return false;
            }

            try
            {
                var row = ToRow(sdkAppId, words);
                await (stored is null
                    ? tables.Apps.AddEntityAsync(row, cancellation)
                    : tables.Apps.UpdateEntityAsync(row, stored.ETag, TableUpdateMode.Replace, cancellation));
                return true;
            }
            catch (RequestFailedException e) when (attempt < MostAttempts && (e.Status == 412 || e.ErrorCode == TableErrorCode.EntityAlreadyExists))
            {
                await Task.Delay(Random.Shared.Next(LongestWaitMilliseconds), cancellation);
            }
        }
    }

    private async Task<TableEntity?> FindAsync(uint sdkAppId, CancellationToken cancellation)
    {
        var row = await tables.Apps.GetEntityIfExistsAsync<TableEntity>(AppTable.Key(sdkAppId), Row, cancellationToken: cancellation);
        return row.HasValue ? row.Value : null;
    }

    private static TableEntity ToRow(uint sdkAppId, IReadOnlyList<string> words)
    {
        var row = new TableEntity(AppTable.Key(sdkAppId), Row);
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', words));
        foreach (var (index, part) in bytes.Chunk(ColumnBytes).Index())
        {
            row[Column(index)] = part;
        }

        return row;
    }

    private static string[] FromRow(TableEntity row)
    {
        var bytes = new List<byte>();
        for (var index = 0; row.GetBinary(Column(index)) is { } part; index++)
        {
            bytes.AddRange(part);
        }

        return Encoding.UTF8.GetString([.. bytes]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Column(int index) => FormattableString.Invariant($"W{index}");
}
