using System.Security.Cryptography;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Archives;
using Parley.Groups;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Privacy;

/// <summary>How far the export of an account has come.</summary>
/// <param name="HasOwn">Whether its own partition is done, and the walk through the groups is under way.</param>
/// <param name="Continuation">Where in the groups.</param>
public sealed record AccountExportProgress(bool HasOwn, string? Continuation, long Rows, long GroupRows, IReadOnlyList<TaskFile> Files);

/// <summary>
/// Collects what is stored of one account, as a task: <c>account.json</c> with everything of its own partition, then <c>groups-{n}.json</c> with what it said and is in groups, also in
/// those that it has left.
/// </summary>
internal sealed class AccountExport(TableStore tables, AccountTraces traces, BlobStore blobs, TimeProvider time) : ITaskKind
{
    public const string Kind = "account-export";

    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(20);

    public string Name => Kind;

    public async Task<TaskStep> StepAsync(StoredTask task, CancellationToken cancellation)
    {
        var account = new AccountKey(task.SdkAppId, task.Parameters);
        var progress = task.Progress.Length == 0
            ? new AccountExportProgress(false, null, 0, 0, [])
            : JsonSerializer.Deserialize(task.Progress, ParleyJson.Wire.AccountExportProgress) ?? throw new JsonException("The progress is null.");
        var isDone = false;
        if (!progress.HasOwn)
        {
            progress = await WriteOwnAsync(task, account, progress, cancellation);
        }
        else
        {
            (progress, isDone) = await WriteGroupsAsync(task, account, progress, cancellation);
        }

        return new TaskStep(JsonSerializer.Serialize(progress, ParleyJson.Wire.AccountExportProgress), isDone)
        {
            Counts = new Dictionary<string, long> { ["Rows"] = progress.Rows, ["GroupRows"] = progress.GroupRows },
            Files = progress.Files,
        };
    }

    private async Task<AccountExportProgress> WriteOwnAsync(StoredTask task, AccountKey account, AccountExportProgress progress, CancellationToken cancellation)
    {
        var count = 0L;
        using var content = new MemoryStream();
        await using (var json = AccountDocument.Create(content))
        {
            json.WriteStartObject();
            json.WriteNumber("SdkAppId", account.SdkAppId);
            json.WriteString("UserID", account.Account);
            json.WriteString("ExportedAt", time.GetUtcNow());
            await AccountDocument.WriteSectionsAsync(json, RowsAsync());
            json.WriteEndObject();
        }

        return progress with { HasOwn = true, Rows = count, Files = [.. progress.Files, await WriteAsync(task, "account.json", content, cancellation)] };

        async IAsyncEnumerable<TableEntity> RowsAsync()
        {
            await foreach (var row in tables.ScanOf(TableNames.Accounts).QueryAsync<TableEntity>(account.PartitionKey, TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey}"), cancellationToken: cancellation))
            {
                count++;
                yield return row;
            }
        }
    }

    private async Task<(AccountExportProgress Progress, bool IsDone)> WriteGroupsAsync(
        StoredTask task, AccountKey account, AccountExportProgress progress, CancellationToken cancellation)
    {
        var (rows, began) = (new List<TableEntity>(), time.GetTimestamp());
        string? continuation = null;
        await foreach (var page in traces.InGroupsAsync(account, progress.Continuation, cancellation))
        {
            rows.AddRange(page.Values);
            continuation = page.ContinuationToken;
            if (time.GetElapsedTime(began) > StepTime || rows.Count > 10_000)
            {
                break;
            }
        }

        if (rows.Count > 0)
        {
            using var content = new MemoryStream();
            await using (var json = AccountDocument.Create(content))
            {
                json.WriteStartArray();
                rows.ForEach(row => AccountDocument.WriteRow(json, row, ("GroupId", GroupKey.OfRow(row.PartitionKey, row.RowKey)?.Key.GroupId ?? "")));
                json.WriteEndArray();
            }

            var name = FormattableString.Invariant($"groups-{progress.Files.Count}.json");
            progress = progress with { GroupRows = progress.GroupRows + rows.Count, Files = [.. progress.Files, await WriteAsync(task, name, content, cancellation)] };
        }

        return (progress with { Continuation = continuation }, continuation is null);
    }

    private async Task<TaskFile> WriteAsync(StoredTask task, string name, MemoryStream content, CancellationToken cancellation)
    {
        var file = BlobArchive.FolderOf(task.SdkAppId, task.Id) + name;
        content.Position = 0;
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation));
        content.Position = 0;
        var bytes = content.Length;
        await blobs.WriteAsync(TableNames.ExportContainer, file, content, "application/json", cancellation);
        return new TaskFile(TableNames.ExportContainer, file, bytes, hash);
    }
}
