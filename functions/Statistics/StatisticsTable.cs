using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Parley.Storage;

namespace Parley.Statistics;

/// <summary>
/// Table <c>statistics</c>: a partition for each app, with rows <c>{YYYYMMDD}|{id}</c>, what an instance has counted of a day;
/// <c>{YYYYMMDD}</c>, the whole of a day that is over, and the most online of one that is not; <c>total</c>, how many accounts and groups
/// there were before the oldest day that is kept.
/// </summary>
/// <remarks>Only one instance writes to a row of its own, and each time all of it: a repeated write counts nothing twice.</remarks>
public sealed class StatisticsTable(TableStore tables)
{
    /// <summary>Row of what is older than the days.</summary>
    public const string TotalRow = "total";

    private const string AccountsColumn = "Accounts";
    private const string GroupsColumn = "Groups";

    private static readonly string[] KeyOnly = ["RowKey"];

    public static string Partition(uint sdkAppId) => sdkAppId.ToString(CultureInfo.InvariantCulture);

    /// <summary>A new row for a part of a day.</summary>
    public static string PartRow(DateOnly day) => $"{DayRow(day)}|{Guid.NewGuid():N}";

    /// <summary>The row of a whole day.</summary>
    public static string DayRow(DateOnly day) => StatisticsDay.ToText(day);

    /// <summary>Writes a part of a day; safe to repeat.</summary>
    /// <param name="version">Of the row as this instance wrote it last; null the first time.</param>
    /// <returns>The new version; null when the row is gone, because it was added to its day.</returns>
    public async Task<ETag?> WriteAsync(TableEntity row, ETag? version, CancellationToken cancellation)
    {
        try
        {
            return await WriteOnceAsync(row, version, cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 412 || e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            // An earlier write was stored though its answer was lost.
            var stored = await tables.Statistics.GetEntityIfExistsAsync<TableEntity>(row.PartitionKey, row.RowKey, KeyOnly, cancellation);
            return stored.HasValue ? await WriteOnceAsync(row, stored.Value!.ETag, cancellation) : null;
        }
    }

    /// <summary>Reads all that is known of an app.</summary>
    /// <exception cref="FormatException">A row cannot be read.</exception>
    public async Task<AppStatistics> ReadAsync(uint sdkAppId, CancellationToken cancellation)
    {
        var partition = Partition(sdkAppId);
        var days = new Dictionary<DateOnly, DayFigures>();
        var (accounts, groups) = (0L, 0L);
        await foreach (var row in tables.Statistics.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancellationToken: cancellation))
        {
            if (StatisticsDay.Parse(row.RowKey) is { } day)
            {
                days.TryAdd(day, new DayFigures());
                days[day].Merge(DayFigures.FromRow(row));
            }
            else
            {
                (accounts, groups) = (row.GetInt64(AccountsColumn) ?? 0, row.GetInt64(GroupsColumn) ?? 0);
            }
        }

        return new AppStatistics(days, accounts, groups);
    }

    /// <summary>Adds parts of a day to its row, and removes them, in one transaction.</summary>
    /// <exception cref="RequestFailedException">Storage failed, or somebody else was there first; then nothing was changed.</exception>
    public Task FoldAsync(TableEntity? whole, IReadOnlyCollection<TableEntity> parts, string partition, DateOnly day, CancellationToken cancellation)
    {
        var figures = whole is null ? new DayFigures() : DayFigures.FromRow(whole);
        foreach (var part in parts)
        {
            figures.Merge(DayFigures.FromRow(part));
        }

        return ReplaceAsync(whole, figures.ToRow(partition, DayRow(day)), parts, cancellation);
    }

    /// <summary>Adds what old rows leave of accounts and groups to the row of totals, and removes them, in one transaction.</summary>
    /// <exception cref="RequestFailedException">As above.</exception>
    public Task RetireAsync(TableEntity? total, IReadOnlyCollection<TableEntity> old, string partition, CancellationToken cancellation)
    {
        var figures = old.Select(DayFigures.FromRow).ToList();
        var row = new TableEntity(partition, TotalRow)
        {
            [AccountsColumn] = (total?.GetInt64(AccountsColumn) ?? 0) + figures.Sum(day => day[Figure.AccountsImported] - day[Figure.AccountsDeleted]),
            [GroupsColumn] = (total?.GetInt64(GroupsColumn) ?? 0) + figures.Sum(day => day[Figure.GroupsCreated] - day[Figure.GroupsDismissed]),
        };
        return ReplaceAsync(total, row, old, cancellation);
    }

    /// <summary>Notes how many were online at once on a day that is not over.</summary>
    public Task NoteOnlineAsync(string partition, DateOnly day, long online, CancellationToken cancellation) => tables.Statistics.UpsertEntityAsync(
        new DayFigures { MaxOnline = online }.ToRow(partition, DayRow(day)), TableUpdateMode.Merge, cancellation);

    private async Task<ETag?> WriteOnceAsync(TableEntity row, ETag? version, CancellationToken cancellation)
    {
        try
        {
            var response = version is { } known
                ? await tables.Statistics.UpdateEntityAsync(row, known, TableUpdateMode.Replace, cancellation)
                : await tables.Statistics.AddEntityAsync(row, cancellation);
            return response.Headers.ETag;
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.ResourceNotFound)
        {
            return null;
        }
    }

    private async Task ReplaceAsync(TableEntity? before, TableEntity after, IReadOnlyCollection<TableEntity> gone, CancellationToken cancellation)
    {
        var written = before is null
            ? new TableTransactionAction(TableTransactionActionType.Add, after)
            : new TableTransactionAction(TableTransactionActionType.UpdateReplace, after, before.ETag);
        StorageWork.Current = new StorageWork(TableNames.Statistics, gone.Count + 1);
        await tables.Statistics.SubmitTransactionAsync(
            [written, .. gone.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, row.ETag))], cancellation);
    }
}
