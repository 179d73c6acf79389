using Azure.Data.Tables;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>A callback that was given up.</summary>
/// <param name="RowKey">Names it among the dead.</param>
public sealed record DeadCallback(string RowKey, CallbackStream Stream, StoredCallback Callback, int Attempts, string Reason, DateTimeOffset DiedAt);

/// <summary>The callbacks that were given up, in table <c>deadletters</c>, partition <c>callback|{sdkappid}</c>, those of the newest events first.</summary>
/// <remarks>Columns: those of <see cref="StoredCallback"/>, and Table and Partition of its stream, Attempts, Reason, DiedAt.</remarks>
public sealed class DeadCallbacks(TableStore tables, CallbackWakeups wakeups, TimeProvider time)
{
    private const string Kind = "callback";

    /// <summary>Of the bodies on one page.</summary>
    private const int MaxPageBytes = 1024 * 1024;

    /// <summary>The service takes 15 comparisons in a filter.</summary>
    private const int IdsAtOnce = 10;

    /// <summary>Notes a callback that is tried no more; safe to repeat.</summary>
    public Task AddAsync(CallbackStream stream, StoredCallback callback, int attempts, string reason, CancellationToken cancellation)
    {
        var row = callback.ToRow($"{DeadLetterTable.NewestFirst(callback.At)}|{callback.Id}");
        row.PartitionKey = PartitionOf(callback.SdkAppId);
        row["Table"] = stream.Table;
        row["Partition"] = stream.PartitionKey;
        row["Attempts"] = attempts;
        row["Reason"] = reason;
        row["DiedAt"] = time.GetUtcNow();
        return tables.DeadLetters.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellation);
    }

    /// <summary>Reads a page.</summary>
    /// <param name="command">Null for all.</param>
    /// <param name="after">Where the page before has ended; empty for the first.</param>
    /// <returns>Next is empty when there is no more.</returns>
    public async Task<(IReadOnlyList<DeadCallback> Found, string Next)> ReadAsync(
        uint sdkAppId, CallbackCommand? command, string after, int limit, CancellationToken cancellation)
    {
        var partition = PartitionOf(sdkAppId);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {after}");
        filter += command is null ? "" : $" and {TableClient.CreateQueryFilter($"Command eq {command.Name}")}";
        var (found, bytes) = (new List<DeadCallback>(), 0);
        await foreach (var row in tables.DeadLetters.QueryAsync<TableEntity>(filter, limit + 1, cancellationToken: cancellation))
        {
            if (found.Count == limit || bytes > MaxPageBytes)
            {
                return (found, found[^1].RowKey);
            }

            found.Add(FromRow(row));
            bytes += found[^1].Callback.Body?.Length ?? 0;
        }

        return (found, "");
    }

    /// <summary>Those of the ids that are among the dead.</summary>
    public async Task<IReadOnlyList<DeadCallback>> FindAsync(uint sdkAppId, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var found = new List<DeadCallback>();
        foreach (var some in ids.Chunk(IdsAtOnce))
        {
            var partition = PartitionOf(sdkAppId);
            var named = string.Join(" or ", some.Select(id => TableClient.CreateQueryFilter($"Id eq {id}")));
            await foreach (var row in tables.DeadLetters.QueryAsync<TableEntity>($"{TableClient.CreateQueryFilter($"PartitionKey eq {partition}")} and ({named})", cancellationToken: cancellation))
            {
                found.Add(FromRow(row));
            }
        }

        return found;
    }

    /// <summary>Puts a callback back into its stream, as the newest; then it is dead no more. What breaks off between the two is sent twice, under one id.</summary>
    public async Task RedeliverAsync(DeadCallback dead, CancellationToken cancellation)
    {
        var (renewed, name) = (dead.Callback with { At = time.GetUtcNow() }, Guid.NewGuid().ToString("N"));
        await tables.WriterOf(dead.Stream.Table).ApplyAsync(dead.Stream.PartitionKey, view => Append(view, renewed, name), cancellation);
        await tables.DeadLetters.DeleteEntityAsync(PartitionOf(dead.Callback.SdkAppId), dead.RowKey, cancellationToken: cancellation);
    }

    internal static DeadCallback FromRow(TableEntity row) => new(
        row.RowKey, new CallbackStream(row.GetString("Table"), row.GetString("Partition")), StoredCallback.FromRow(row), row.GetInt32("Attempts") ?? 0,
        row.GetString("Reason") ?? "", row.GetDateTimeOffset("DiedAt") ?? default);

    private bool Append(PartitionView view, StoredCallback callback, string name)
    {
        AfterCallback.Append(view, callback, name, wakeups);
        return true;
    }

    private static string PartitionOf(uint sdkAppId) => DeadLetterTable.Partition(Kind, sdkAppId);
}
