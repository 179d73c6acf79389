using Azure.Data.Tables;
using Parley.Apps;
using Parley.Connections;
using Parley.Delivery;
using Parley.Messages;
using Parley.Storage;

namespace Parley.Maintenance;

/// <summary>
/// The timer's work: walks slowly through table <c>accounts</c>, deletes messages of idle conversations that are past their time, and
/// connections whose <c>disconnected</c> event was lost.
/// </summary>
/// <remarks>
/// The only scan across partitions. A run reads a bounded number of pages and the next run goes on behind them; the place is kept in
/// table <c>apps</c>, partition <c>sweep</c>.
/// </remarks>
public sealed partial class AccountSweep(
    TableStore tables, AppDirectory apps, ConversationTrimming trimming, ConnectionTable connections, SignalRClient signalR, TimeProvider time,
    ILogger<AccountSweep> logger)
{
    private const int MaxPages = 20;
    private const string StateRow = "accounts";
    private const string StatePartition = "sweep";

    /// <summary>A connection is looked at when it has been open for so long; shorter ones are left to their own events.</summary>
    private static readonly TimeSpan MinConnectionAge = TimeSpan.FromMinutes(10);

    // No app keeps messages for less than a day.
    private static readonly TimeSpan MinMessageAge = TimeSpan.FromDays(1);

    // Well within functionTimeout.
    private static readonly TimeSpan MaxRunTime = TimeSpan.FromMinutes(2);

    private static readonly string[] Columns = ["PartitionKey", "RowKey", "FirstTime", ImportedMessage.OldestColumn, "ConnectionId"];

    /// <summary>Does a bounded piece of the work.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var state = await tables.Apps.GetEntityIfExistsAsync<TableEntity>(StatePartition, StateRow, cancellationToken: cancellation);
        var place = state.HasValue ? state.Value!.GetString("Continuation") : null;
        var oldMessage = (time.GetUtcNow() - MinMessageAge).ToUnixTimeSeconds();
        var oldConnection = time.GetUtcNow() - MinConnectionAge;
        var filter = TableClient.CreateQueryFilter(
            $"(RowKey ge 'c|' and RowKey lt 'c}}' and (FirstTime lt {oldMessage} or ImportedFrom lt {oldMessage})) or (RowKey ge 'p|' and RowKey lt 'p}}' and ConnectedAt lt {oldConnection})");
        var pages = 0;
        await foreach (var page in tables.AccountScan.QueryAsync<TableEntity>(filter, select: Columns, cancellationToken: cancellation).AsPages(place))
        {
            foreach (var row in page.Values)
            {
                await LookAtAsync(row, cancellation);
            }

            // After each page, so that one which always fails cannot hold up the next run before it.
            await tables.Apps.UpsertEntityAsync(
                new TableEntity(StatePartition, StateRow) { ["Continuation"] = page.ContinuationToken }, TableUpdateMode.Replace, cancellation);
            if (++pages == MaxPages || time.GetElapsedTime(began) > MaxRunTime)
            {
                break;
            }
        }
    }

    private async Task LookAtAsync(TableEntity row, CancellationToken cancellation)
    {
        try
        {
            if (row.RowKey.StartsWith(ConnectionTable.Prefix, StringComparison.Ordinal))
            {
                await RemoveGhostAsync(row, cancellation);
            }
            else if (AccountKey.FromPartitionKey(row.PartitionKey) is { } owner && await apps.FindAsync(owner.SdkAppId, cancellation) is { } app
                && (row.GetInt64("FirstTime") <= trimming.Threshold(app) || row.GetInt64(ImportedMessage.OldestColumn) <= trimming.Threshold(app)))
            {
                await trimming.TrimAsync(app, row.PartitionKey, ConversationTable.RowsOfHead(row.RowKey), cancellation);
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            RowSkipped(logger, e.Message);
        }
    }

    private async Task RemoveGhostAsync(TableEntity row, CancellationToken cancellation)
    {
        var connectionId = row.GetString("ConnectionId");
        if (AccountKey.FromPartitionKey(row.PartitionKey) is { } account && !await signalR.ConnectionExistsAsync(connectionId, cancellation))
        {
            await connections.RemoveAsync(account, connectionId, cancellation);
        }
    }

    [LoggerMessage(EventId = 6001, Level = LogLevel.Warning, Message = "The sweep skipped a row until its next round: {Reason}")]
    private static partial void RowSkipped(ILogger logger, string reason);
}
