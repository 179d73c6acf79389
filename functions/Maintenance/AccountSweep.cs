using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Apps;
using Parley.Connections;
using Parley.Groups.Live;
using Parley.Messages;
using Parley.Storage;

namespace Parley.Maintenance;

/// <summary>
/// The timer's work: walks slowly through table <c>accounts</c>, deletes messages of idle conversations that are past their time, finds
/// connections whose <c>disconnected</c> event was lost, lets those out of live rooms who are not connected any more, forgets devices that can no longer be reached by push, and finishes deletions of
/// accounts that broke off.
/// </summary>
/// <remarks>
/// The only scan of this table across partitions. A run reads a bounded number of pages and the next run goes on behind them; the place is kept in
/// table <c>apps</c>, partition <c>sweep</c>.
/// </remarks>
public sealed partial class AccountSweep(
    TableStore tables, AppDirectory apps, ConversationTrimming trimming, ConnectionTable connections, ConnectionEnding ending, Presence presence,
    AccountDeletion deletion, LiveRoomsOfListeners liveRooms, TimeProvider time, ILogger<AccountSweep> logger)
{
    private const int MaxPages = 20;
    private const string StateRow = "accounts";
    private const string StatePartition = "sweep";

    /// <summary>A connection is looked at when it was not seen for so long; others are left to their own events.</summary>
    private static readonly TimeSpan MinConnectionAge = TimeSpan.FromMinutes(10);

    // No app keeps messages for less than a day.
    private static readonly TimeSpan MinMessageAge = TimeSpan.FromDays(1);

    // Well within functionTimeout.
    private static readonly TimeSpan MaxRunTime = TimeSpan.FromMinutes(2);

    private static readonly string[] Columns = [.. ConnectionRow.Columns, "FirstTime", ImportedMessage.OldestColumn];

    /// <summary>Does a bounded piece of the work.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var state = await tables.Apps.GetEntityIfExistsAsync<TableEntity>(StatePartition, StateRow, cancellationToken: cancellation);
        var place = state.HasValue ? state.Value!.GetString("Continuation") : null;
        var filter = Filter(time.GetUtcNow());
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

    private static string Filter(DateTimeOffset now)
    {
        var oldMessage = (now - MinMessageAge).ToUnixTimeSeconds();
        var oldConnection = now - MinConnectionAge;
        var conversations = TableClient.CreateQueryFilter($"RowKey ge 'c|' and RowKey lt 'c}}' and (FirstTime lt {oldMessage} or ImportedFrom lt {oldMessage})");
        var open = TableClient.CreateQueryFilter($"RowKey ge 'p|' and RowKey lt 'p}}' and SeenAt lt {oldConnection}");
        var pushes = TableClient.CreateQueryFilter($"RowKey ge 'd|' and RowKey lt 'd}}' and Until lt {now}");
        var deletions = TableClient.CreateQueryFilter($"RowKey eq {AccountDeletion.MarkerRow} and At lt {oldConnection}");
        var listening = TableClient.CreateQueryFilter($"RowKey eq {ListenedRoomTable.RowKey} and SeenAt lt {oldConnection}");
        return $"({conversations}) or ({open}) or ({pushes}) or ({deletions}) or ({listening})";
    }

    private async Task LookAtAsync(TableEntity row, CancellationToken cancellation)
    {
        try
        {
            if (row.RowKey == ListenedRoomTable.RowKey)
            {
                await liveRooms.CheckAsync(row.PartitionKey, cancellation);
            }
            else if (AccountKey.FromPartitionKey(row.PartitionKey) is { } owner)
            {
                await (row.RowKey[..Math.Min(2, row.RowKey.Length)] switch
                {
                    ConnectionTable.Prefix => CheckConnectionAsync(owner, ConnectionRow.FromRow(row), cancellation),
                    ConnectionTable.PushPrefix => connections.RemoveExpiredPushAsync(owner, Platform.Parse(row.RowKey[2..]), cancellation),
                    AccountDeletion.MarkerRow => deletion.FinishAsync(owner, cancellation),
                    _ => TrimAsync(owner, row, cancellation),
                });
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            RowSkipped(logger, e.Message);
        }
    }

    private Task CheckConnectionAsync(AccountKey owner, ConnectionRow row, CancellationToken cancellation) => row.Ended is { } reason
        ? ending.EndAsync(owner, [row], reason, null, cancellation)
        : presence.CheckAsync(owner, row, cancellation);

    private async Task TrimAsync(AccountKey owner, TableEntity row, CancellationToken cancellation)
    {
        if (await apps.FindAsync(owner.SdkAppId, cancellation) is { } app
            && (row.GetInt64("FirstTime") <= trimming.Threshold(app) || row.GetInt64(ImportedMessage.OldestColumn) <= trimming.Threshold(app)))
        {
            await trimming.TrimAsync(app, row.PartitionKey, ConversationTable.RowsOfHead(row.RowKey), cancellation);
        }
    }

    [LoggerMessage(EventId = 6001, Level = LogLevel.Warning, Message = "The sweep skipped a row until its next round: {Reason}")]
    private static partial void RowSkipped(ILogger logger, string reason);
}
