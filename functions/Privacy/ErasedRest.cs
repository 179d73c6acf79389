using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Archives;
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
        await foreach (var row in tables.DeadLetters.QueryAsync<TableEntity>(cancellationToken: cancellation))
        {
            var texts = row.Select(column => column.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : column.Value as string).OfType<string>();
            var isOfAccount = row.PartitionKey.EndsWith(app, StringComparison.Ordinal)
                && (row.GetString("Partition") == account.PartitionKey || texts.Any(text => text.Contains(user, StringComparison.Ordinal) || text.Contains(name, StringComparison.Ordinal)));
            if (isOfAccount)
            {
                await tables.DeadLetters.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellation);
                erased++;
            }
        }

        return erased;
    }
}
