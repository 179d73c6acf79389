using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Callbacks;
using Parley.Delivery;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Local.DeadLetters;

/// <summary>Table <c>deadletters</c>: what the app itself has given up and noted.</summary>
internal sealed class DeadLetterRows(TableStore tables, DeadCallbacks callbacks, TaskTable tasks, IWorkQueue queue) : IDeadLetterPlace
{
    private static readonly string[] Columns = ["PartitionKey", "RowKey", "At", "DiedAt", "Attempts", "Reason", "Id"];

    private readonly TableClient _table = tables.DeadLetters;

    // Rows are sorted newest first within a partition; bodies, which may be large, are read when they are needed.
    public async IAsyncEnumerable<DeadLetter> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var rows = new List<TableEntity>();
        await foreach (var row in _table.QueryAsync<TableEntity>(select: Columns, cancellationToken: cancellation))
        {
            rows.Add(row);
        }

        foreach (var row in rows.AsEnumerable().Reverse())
        {
            yield return LetterOf(row);
        }
    }

    private DeadLetter LetterOf(TableEntity row)
    {
        var (partition, key) = (row.PartitionKey.Split('|'), row.RowKey);
        return new DeadLetter
        {
            Place = TableNames.DeadLetters,
            Id = row.GetString("Id") ?? key[(key.IndexOf('|', StringComparison.Ordinal) + 1)..],
            Kind = partition[0],
            SdkAppId = uint.TryParse(partition[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var app) && app != DeadLetterTable.NoApp ? app : null,
            At = row.GetDateTimeOffset("DiedAt") ?? row.GetDateTimeOffset("At") ?? default,
            Reason = $"after {row.GetInt32("Attempts")} attempts: {row.GetString("Reason")}",
            ReadAsync = async cancellation => TextOf(await ReadWholeAsync(row, cancellation)),
            ResendAsync = cancellation => ResendAsync(row, partition[0], cancellation),
            DropAsync = cancellation => _table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellation),
        };
    }

    private async Task<string?> ResendAsync(TableEntity row, string kind, CancellationToken cancellation)
    {
        var whole = await ReadWholeAsync(row, cancellation);
        if (DeadLetterTable.PayloadOf(whole) is not { } payload)
        {
            return await RedeliverAsync(whole, kind, cancellation);
        }

        if (DeadJob.QueueOf(kind) is not { } name || DeadJob.Read(name, payload).Job is not { } job)
        {
            return DeadLetter.Unreadable;
        }

        if (name == TableNames.TaskQueue)
        {
            // The task has stopped: a job alone would find nothing to do.
            if (await ResumeAsync(job.Json, cancellation) is { } obstacle)
            {
                return obstacle;
            }
        }
        else
        {
            await queue.EnqueueAsync(job, cancellation);
        }

        await _table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellation);
        return null;
    }

    private async Task<string?> ResumeAsync(string job, CancellationToken cancellation)
    {
        var task = JsonSerializer.Deserialize(job, ParleyJson.Wire.TaskJob)!;
        return await tasks.TryResumeAsync(task.SdkAppId, task.Task, cancellation) is null ? "its task is gone" : null;
    }

    // One whose body was too large to be kept cannot be sent.
    private async Task<string?> RedeliverAsync(TableEntity row, string kind, CancellationToken cancellation)
    {
        if (DeadJob.QueueOf(kind) != TableNames.CallbackQueue || StoredCallback.FromRow(row).Body is null)
        {
            return DeadLetter.Unreadable;
        }

        await callbacks.RedeliverAsync(DeadCallbacks.FromRow(row), cancellation);
        return null;
    }

    private async Task<TableEntity> ReadWholeAsync(TableEntity row, CancellationToken cancellation) =>
        (await _table.GetEntityAsync<TableEntity>(row.PartitionKey, row.RowKey, cancellationToken: cancellation)).Value;

    private static string TextOf(TableEntity row) =>
        DeadLetterTable.PayloadOf(row) ?? (StoredCallback.FromRow(row) is { Body: { } body } callback ? $"{callback.Command} {Encoding.UTF8.GetString(body)}" : "");
}
