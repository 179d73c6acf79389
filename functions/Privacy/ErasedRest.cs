using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Archives;
using Parley.Callbacks;
using Parley.Delivery;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Privacy;

/// <summary>Takes an account out of what is neither an account nor a group: dead letters that name it, and exports of it.</summary>
internal sealed class ErasedRest(TableStore tables, TaskTable tasks, BlobStore blobs)
{
    public async Task<ErasureProgress> EraseAsync(AccountKey account, ErasureProgress progress, CancellationToken cancellation)
    {
        progress = progress.Counting("DeadLetters", await EraseDeadLettersAsync(account, cancellation));
        var all = await tasks.ListAsync(account.SdkAppId, cancellation);
        foreach (var export in all.Where(task => task.Kind == AccountExport.Kind && task.Parameters == account.Account))
        {
            foreach (var file in export.Files)
            {
                await blobs.DeleteAsync(file.Container, file.Name, cancellation);
            }

            await tables.Tasks.DeleteEntityAsync(TaskTable.Partition(account.SdkAppId), export.Id, cancellationToken: cancellation);
            progress = progress.Counting("AccountExports", 1);
        }

        return progress.Counting("AppExportsKept", all.Count(task => task.Kind == ExportTask.Kind && task.Files.Count > 0));
    }

    private async Task<int> EraseDeadLettersAsync(AccountKey account, CancellationToken cancellation)
    {
        var (user, name) = ($"/users/{Uri.EscapeDataString(account.SignalRUser)}\"", JsonSerializer.Serialize(account.Account, ParleyJson.Wire.String));
        var (app, erased) = (FormattableString.Invariant($"|{account.SdkAppId}"), 0);
        var all = TableClient.CreateQueryFilter($"PartitionKey gt {""}");
        await foreach (var row in tables.WalkOf(TableNames.DeadLetters).QueryAsync(all, cancellationToken: cancellation))
        {
            if (row.PartitionKey.EndsWith(app, StringComparison.Ordinal)
                && (row.GetString("Partition") == account.PartitionKey || TextOf(row) is var text && (text.Contains(user, StringComparison.Ordinal) || text.Contains(name, StringComparison.Ordinal))))
            {
                await tables.DeadLetters.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellation);
                erased++;
            }
        }

        return erased;
    }

    // Put together first: a name may be cut where one column ends and the next begins.
    private static string TextOf(TableEntity row) =>
        DeadLetterTable.PayloadOf(row) ?? (StoredCallback.FromRow(row).Body is { } body ? Encoding.UTF8.GetString(body) : "");
}
