using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Options;
using Parley.Activity;
using Parley.Archives;
using Parley.History;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Maintenance;

/// <summary>The timer's work, once an hour, on what is past its time: files of exports and of history, who was active in hours long past, dead letters, tasks.</summary>
public sealed class RetentionSweep(TableStore tables, BlobStore blobs, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const string StatePartition = "sweep";
    private const string StateRow = "retention";

    // They can be asked for in seven days, by links that are good for one more.
    private const int HistoryDays = HistoryFileTable.KeptDays + 1;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly string[] KeyOnly = ["PartitionKey", "RowKey"];

    public async Task RunAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var state = await tables.Apps.GetEntityIfExistsAsync<TableEntity>(StatePartition, StateRow, cancellationToken: cancellation);
        if (state.HasValue && state.Value!.GetDateTimeOffset("At") is { } last && (now - last).Duration() < Interval)
        {
            return;
        }

        await DeleteBlobsAsync(TableNames.ExportContainer, now.AddDays(-options.Value.ExportDays), cancellation);
        await DeleteBlobsAsync(TableNames.HistoryContainer, now.AddDays(-HistoryDays), cancellation);
        await DeleteHoursAsync(ChatHour.Of(now.AddDays(-HistoryDays).ToUnixTimeSeconds()), cancellation);
        var letters = now.AddDays(-options.Value.DeadLetterDays);
        await DeleteRowsAsync(tables.DeadLetters, TableClient.CreateQueryFilter($"At lt {letters}"), cancellation);
        var (tasks, running) = (now.AddDays(-options.Value.TaskDays), nameof(TaskState.Running));
        await DeleteRowsAsync(tables.Tasks, TableClient.CreateQueryFilter($"UpdatedAt lt {tasks} and State ne {running}"), cancellation);
        var (files, kind) = (now.AddDays(-HistoryDays), HistoryCollection.Kind);
        await DeleteRowsAsync(tables.Tasks, TableClient.CreateQueryFilter($"UpdatedAt lt {files} and Kind eq {kind} and State ne {running}"), cancellation);
        await tables.Apps.UpsertEntityAsync(new TableEntity(StatePartition, StateRow) { ["At"] = now }, TableUpdateMode.Replace, cancellation);
    }

    private async Task DeleteBlobsAsync(string container, DateTimeOffset before, CancellationToken cancellation)
    {
        await foreach (var blob in blobs.ListAsync(container, "", cancellation))
        {
            if (blob.Properties.CreatedOn < before)
            {
                await blobs.DeleteAsync(container, blob.Name, cancellation);
            }
        }
    }

    private async Task DeleteHoursAsync(ChatHour before, CancellationToken cancellation)
    {
        await foreach (var app in tables.WalkOf(TableNames.Apps).QueryAsync(TableClient.CreateQueryFilter($"RowKey eq {AppRows.SettingsRow}"), select: KeyOnly, cancellationToken: cancellation))
        {
            foreach (var type in Enum.GetValues<ChatType>())
            {
                var (partition, from, to) = (app.PartitionKey, $"{type}|", $"{type}|{before}");
                var old = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}");
                await foreach (var hour in tables.History.QueryAsync<TableEntity>(old, select: KeyOnly, cancellationToken: cancellation))
                {
                    // Those who were active first: the row leads to them.
                    var (first, last) = ($"{partition}|{hour.RowKey}|", $"{partition}|{hour.RowKey}}}");
                    await DeleteRowsAsync(tables.History, TableClient.CreateQueryFilter($"PartitionKey ge {first} and PartitionKey lt {last}"), cancellation);
                    await tables.History.DeleteEntityAsync(hour.PartitionKey, hour.RowKey, cancellationToken: cancellation);
                }
            }
        }
    }

    private async Task DeleteRowsAsync(TableClient table, string filter, CancellationToken cancellation)
    {
        await foreach (var page in tables.WalkOf(table.Name).QueryAsync(filter, select: KeyOnly, cancellationToken: cancellation).AsPages())
        {
            foreach (var row in page.Values)
            {
                await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancellation);
            }
        }
    }
}
