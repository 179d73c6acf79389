using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Activities;

/// <summary>An hour in which an app had messages.</summary>
public readonly record struct ActiveHour(uint SdkAppId, ChatType Type, ChatHour Hour);

/// <summary>
/// Which accounts and groups have messages of an hour, for apps that keep history files: table <c>history</c>, partition <c>{app}|{type}|{hour}|{bucket}</c>, row <c>o|{account or group}</c>; and
/// partition <c>hours</c>, row <c>{app}|{type}|{hour}</c>, of hours whose files are to be made.
/// </summary>
/// <remarks>
/// Noted before a message is acknowledged, once an hour by each instance, so nothing that was acknowledged is missing, and the files are made without looking at those who were silent.
/// A message whose own time is of an earlier hour than the clock's is noted with the present hour, as <c>late|{hour}|{account or group}</c>, since the files of its hour may have been made.
/// </remarks>
public sealed class ActiveHours(TableStore tables, TimeProvider time)
{
    /// <summary>Partitions of an hour, so that those who all begin at a full hour do not meet in one.</summary>
    public const int Buckets = 16;

    private const string IndexPartition = "hours";
    private const string OwnerPrefix = "o|";
    private const string LatePrefix = "late|";
    private const int MostRemembered = 100_000;

    /// <summary>How far the clocks of instances, and the time from choosing a message's time to storing it, may be apart.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(string Partition, string Row), bool> _noted = new();

    /// <summary>Notes that accounts have a message of a time; costs nothing unless the app keeps history files.</summary>
    /// <param name="at">Unix seconds.</param>
    public ValueTask NoteAsync(App app, ChatType type, long at, params ReadOnlySpan<string?> owners) =>
        app.KeepsHistoryFiles ? new ValueTask(NoteAsync(app.SdkAppId, type, ChatHour.Of(at), [.. owners])) : ValueTask.CompletedTask;

    /// <summary>Notes a message in an hour that is over, so that its files are made anew.</summary>
    public Task NoteAgainAsync(ActiveHour hour, string owner, CancellationToken cancellation) => Task.WhenAll(
        UpsertAsync(PartitionOf(hour, Bucket(owner)), OwnerPrefix + owner, cancellation),
        UpsertAsync(IndexPartition, IndexRow(hour), cancellation));

    /// <summary>The hours whose files are to be made.</summary>
    public async Task<IReadOnlyList<ActiveHour>> ListAsync(CancellationToken cancellation)
    {
        var found = new List<ActiveHour>();
        await foreach (var row in tables.History.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {IndexPartition}"), cancellationToken: cancellation))
        {
            if (row.RowKey.Split('|') is [var app, var type, var hour] && ChatHour.Parse(hour) is { } parsed)
            {
                found.Add(new ActiveHour(uint.Parse(app, CultureInfo.InvariantCulture), Enum.Parse<ChatType>(type), parsed));
            }
        }

        return found;
    }

    /// <summary>What tells whether a message of an hour was noted since; null when its files need not be made.</summary>
    public async Task<string?> FindVersionAsync(ActiveHour hour, CancellationToken cancellation)
    {
        var row = await tables.History.GetEntityIfExistsAsync<TableEntity>(IndexPartition, IndexRow(hour), cancellationToken: cancellation);
        return row.HasValue ? row.Value!.ETag.ToString() : null;
    }

    /// <summary>The files of an hour were made, of what had been noted by that version; what was noted since has them made again.</summary>
    public async Task ForgetAsync(ActiveHour hour, string version, CancellationToken cancellation)
    {
        try
        {
            await tables.History.DeleteEntityAsync(IndexPartition, IndexRow(hour), new ETag(version), cancellation);
        }
        catch (RequestFailedException e) when (e.Status is 412)
        {
            // The hour stays in the list.
        }
    }

    /// <summary>Those who have messages of an hour, as keys escape them, page by page.</summary>
    public async IAsyncEnumerable<(IReadOnlyList<string> Owners, string? Continuation)> ReadAsync(
        ActiveHour hour, int bucket, string? continuation, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var page in QueryAsync(hour, bucket, OwnerPrefix, "o}", cancellation).AsPages(continuation, pageSizeHint: 100))
        {
            yield return ([.. page.Values.Select(row => row.RowKey[OwnerPrefix.Length..])], page.ContinuationToken);
        }
    }

    /// <summary>Messages of earlier hours that came in an hour.</summary>
    public async IAsyncEnumerable<(ActiveHour Hour, string Owner)> ReadLateAsync(
        ActiveHour hour, int bucket, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in QueryAsync(hour, bucket, LatePrefix, "late}", cancellation))
        {
            if (row.RowKey.Split('|') is [_, var late, var owner] && ChatHour.Parse(late) is { } parsed)
            {
                yield return (hour with { Hour = parsed }, owner);
            }
        }
    }

    private async Task NoteAsync(uint app, ChatType type, ChatHour hour, string?[] owners)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var present = ChatHour.Of(now);
        var isLate = hour.End <= now - (long)Slack.TotalSeconds;
        var noted = new ActiveHour(app, type, isLate ? present : hour);
        var prefix = isLate ? $"{LatePrefix}{hour}|" : OwnerPrefix;
        var notes = owners.OfType<string>().Select(KeyText.Escape).Distinct()
            .Select(owner => NoteOnceAsync(PartitionOf(noted, Bucket(owner)), prefix + owner))
            .Append(NoteOnceAsync(IndexPartition, IndexRow(noted)));
        await Task.WhenAll(notes);
    }

    private Task NoteOnceAsync(string partition, string row)
    {
        return _noted.ContainsKey((partition, row)) ? Task.CompletedTask : NoteAsync();

        async Task NoteAsync()
        {
            await UpsertAsync(partition, row, CancellationToken.None);
            if (_noted.Count >= MostRemembered)
            {
                _noted.Clear();
            }

            _noted[(partition, row)] = true;
        }
    }

    private Task<Response> UpsertAsync(string partition, string row, CancellationToken cancellation) =>
        tables.History.UpsertEntityAsync(new TableEntity(partition, row), TableUpdateMode.Replace, cancellation);

    private AsyncPageable<TableEntity> QueryAsync(ActiveHour hour, int bucket, string from, string to, CancellationToken cancellation)
    {
        var partition = PartitionOf(hour, bucket);
        return tables.History.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}"), cancellationToken: cancellation);
    }

    private static string IndexRow(ActiveHour hour) => string.Create(CultureInfo.InvariantCulture, $"{hour.SdkAppId}|{hour.Type}|{hour.Hour}");

    private static string PartitionOf(ActiveHour hour, int bucket) => string.Create(CultureInfo.InvariantCulture, $"{IndexRow(hour)}|{bucket:X}");

    // The same on every instance.
    private static int Bucket(string owner)
    {
        var hash = 2166136261u;
        foreach (var c in owner)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return (int)(hash % Buckets);
    }
}
