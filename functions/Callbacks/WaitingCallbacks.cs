using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>Callbacks that wait for longer than they should: their job may have been lost. One for each table.</summary>
public sealed class WaitingCallbacks(string table, CallbackWakeups wakeups) : ISweptRows
{
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(5);

    public string Table => table;

    public IReadOnlyList<string> Columns { get; } = [];

    public string Filter(DateTimeOffset now)
    {
        var (from, to, old) = (CallbackStream.RowPrefix, CallbackStream.RowEnd, now - MinAge);
        return TableClient.CreateQueryFilter($"RowKey ge {from} and RowKey lt {to} and At lt {old}");
    }

    public bool Has(string rowKey) => rowKey.StartsWith(CallbackStream.RowPrefix, StringComparison.Ordinal);

    // A stream has many of them, but its job is queued once or twice.
    public Task LookAtAsync(TableEntity row, CancellationToken cancellation)
    {
        wakeups.Wake(new CallbackStream(table, row.PartitionKey));
        return Task.CompletedTask;
    }
}
