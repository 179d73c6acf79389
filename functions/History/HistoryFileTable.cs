using System.Globalization;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Activities;
using Parley.Storage;

namespace Parley.History;

/// <summary>A file of messages of one hour.</summary>
/// <param name="Name">In the container of history files, behind the app's own prefix.</param>
/// <param name="Size">Bytes before it was packed.</param>
/// <param name="Md5">Of these, lower-case hex.</param>
/// <param name="GzipSize">Bytes of the file.</param>
/// <param name="GzipMd5">Of these.</param>
public sealed record HistoryFile(string Name, long Size, string Md5, long GzipSize, string GzipMd5);

/// <summary>The files of hours that were made: table <c>history</c>, partition <c>{app}</c>, row <c>{type}|{hour}</c>.</summary>
public sealed class HistoryFileTable(TableStore tables, TimeProvider time)
{
    /// <summary>Days for which files can be asked for.</summary>
    public const int KeptDays = 7;

    /// <summary>The files of an hour; null when they have not been made.</summary>
    public async Task<IReadOnlyList<HistoryFile>?> FindAsync(ActiveHour hour, CancellationToken cancellation)
    {
        var row = await tables.History.GetEntityIfExistsAsync<TableEntity>(Partition(hour.SdkAppId), Row(hour), cancellationToken: cancellation);
        return row.HasValue ? JsonSerializer.Deserialize(LongText.Get(row.Value!, "Files"), ParleyJson.Wire.IReadOnlyListHistoryFile) : null;
    }

    /// <summary>Puts the files of an hour in the place of those made before.</summary>
    public Task PutAsync(ActiveHour hour, IReadOnlyList<HistoryFile> files, CancellationToken cancellation)
    {
        var row = new TableEntity(Partition(hour.SdkAppId), Row(hour)) { ["MadeAt"] = time.GetUtcNow() };
        LongText.Put(row, "Files", JsonSerializer.Serialize(files, ParleyJson.Wire.IReadOnlyListHistoryFile));
        return tables.History.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellation);
    }

    private static string Partition(uint sdkAppId) => sdkAppId.ToString(CultureInfo.InvariantCulture);

    private static string Row(ActiveHour hour) => $"{hour.Type}|{hour.Hour}";
}
