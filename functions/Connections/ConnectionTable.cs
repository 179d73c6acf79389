using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Callbacks;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>
/// An account's devices, in its partition of table <c>accounts</c>: rows <c>p|{connection id}</c>, its open connections, and rows
/// <c>d|{platform}</c>, mobile platforms that can be reached by push until a time, though they are not connected.
/// </summary>
public sealed class ConnectionTable(TableStore tables, StateCallbacks callbacks, DailyStatistics statistics, TimeProvider time)
{
    /// <summary>Prefix of the row keys of connections.</summary>
    public const string Prefix = "p|";

    /// <summary>Prefix of the row keys of platforms that can be reached by push.</summary>
    public const string PushPrefix = "d|";

    /// <summary>How long after its connection a mobile device counts as reachable by push.</summary>
    public static readonly TimeSpan PushTime = TimeSpan.FromDays(7);

    // A transaction holds 100, and each may come with a callback.
    private const int RowsAtOnce = 45;

    private static readonly string[] PushColumns = ["RowKey", "Until"];

    /// <summary>Notes that a connection is open, and tells the app; safe to repeat.</summary>
    /// <returns>Whether the connection was not known before; null when the account does not exist.</returns>
    public async Task<bool?> AddAsync(AccountKey account, NewConnection connection, CancellationToken cancellation)
    {
        var callback = await callbacks.BeginAsync(account.SdkAppId, cancellation);
        var isNew = await tables.AccountWriter.ApplyAsync(account.PartitionKey, view => Add(view, account, connection, callback), cancellation);
        if (isNew == true)
        {
            statistics.ConnectionOpened(account.SdkAppId);
        }

        return isNew;
    }

    /// <summary>The account's connections, as they are stored.</summary>
    public async Task<IReadOnlyList<ConnectionRow>> ListAsync(AccountKey account, CancellationToken cancellation) =>
        [.. (await QueryAsync(account, Prefix, ConnectionRow.Columns, cancellation)).Select(ConnectionRow.FromRow)];

    /// <summary>The platforms on which the account can be reached by push.</summary>
    public async Task<IReadOnlyList<Platform>> ListPushAsync(AccountKey account, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var rows = await QueryAsync(account, PushPrefix, PushColumns, cancellation);
        return [.. rows.Where(row => row.GetDateTimeOffset("Until") > now).Select(row => Platform.Parse(row.RowKey[PushPrefix.Length..]))];
    }

    /// <summary>Notes that a connection was open just now; nothing happens if it is not known.</summary>
    public Task RenewAsync(AccountKey account, string connectionId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return tables.AccountWriter.ApplyAsync(account.PartitionKey, view => Change(view, connectionId, row => row with { SeenAt = now }), cancellation);
    }

    /// <summary>Notes that a connection has ended by itself, and tells the app; a mobile device can be reached by push from then on. Safe to repeat.</summary>
    public async Task LoseAsync(AccountKey account, string connectionId, DateTimeOffset lastSeen, ConnectionLoss loss, CancellationToken cancellation)
    {
        var callback = await callbacks.BeginAsync(account.SdkAppId, cancellation);
        var lost = await tables.AccountWriter.ApplyAsync(
            account.PartitionKey, view => Lose(view, connectionId, lastSeen, row => StateCallbacks.Disconnected(view, callback, account, row, loss)), cancellation);
        if (lost is not null)
        {
            statistics.ConnectionClosed(account.SdkAppId, lost.ConnectedAt);
        }
    }

    /// <summary>Notes that connections are being closed by Parley, so that they count no more, and tells the app. Safe to repeat.</summary>
    public async Task MarkEndedAsync(AccountKey account, IEnumerable<ConnectionRow> rows, string reason, CancellationToken cancellation)
    {
        foreach (var some in rows.Chunk(RowsAtOnce))
        {
            var ending = new List<(ConnectionRow Row, AfterCallback? Callback)>();
            foreach (var row in some)
            {
                ending.Add((row, await callbacks.BeginAsync(account.SdkAppId, cancellation)));
            }

            await tables.AccountWriter.ApplyAsync(
                account.PartitionKey, view => ending.Count(one => LogOut(view, account, one.Row, reason, one.Callback)), cancellation);
        }
    }

    /// <summary>Forgets connections. Safe to repeat.</summary>
    public async Task RemoveAsync(AccountKey account, IEnumerable<ConnectionRow> rows, CancellationToken cancellation)
    {
        foreach (var some in rows.Chunk(RowsAtOnce))
        {
            var removed = await tables.AccountWriter.ApplyAsync(
                account.PartitionKey, view => some.Where(row => Remove(view, RowKey(row.ConnectionId))).ToList(), cancellation);
            removed.ForEach(row => statistics.ConnectionClosed(account.SdkAppId, row.ConnectedAt));
        }
    }

    /// <summary>Forgets that the account can be reached by push on some platforms.</summary>
    public Task RemovePushAsync(AccountKey account, IEnumerable<Platform> platforms, CancellationToken cancellation) =>
        tables.AccountWriter.ApplyAsync(account.PartitionKey, view => platforms.Count(platform => Remove(view, PushRowKey(platform))), cancellation);

    /// <summary>As <see cref="RemovePushAsync"/>, of one platform whose time is over.</summary>
    public Task RemoveExpiredPushAsync(AccountKey account, Platform platform, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var row = PushRowKey(platform);
        return tables.AccountWriter.ApplyAsync(
            account.PartitionKey, view => view.Get(row)?.GetDateTimeOffset("Until") <= now && Remove(view, row), cancellation);
    }

    public static string RowKey(string connectionId) => Prefix + KeyText.Escape(connectionId);

    private static string PushRowKey(Platform platform) => PushPrefix + platform.Name;

    private async Task<List<TableEntity>> QueryAsync(AccountKey account, string prefix, string[] columns, CancellationToken cancellation)
    {
        var (partition, end) = (account.PartitionKey, prefix[..^1] + "}");
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {prefix} and RowKey lt {end}");
        var rows = new List<TableEntity>();
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(partition, filter, select: columns, cancellationToken: cancellation))
        {
            rows.Add(row);
        }

        return rows;
    }

    // A replay knows its own row by the time.
    private static bool? Add(PartitionView view, AccountKey account, NewConnection connection, AfterCallback? callback)
    {
        var row = connection.Row;
        if (view.GetUnlikely(RowKey(row.ConnectionId)) is { } known)
        {
            return ConnectionRow.FromRow(known).ConnectedAt == row.ConnectedAt;
        }

        if (!view.ExistsLikely(AccountTable.AccountRow))
        {
            return null;
        }

        // One that was kicked since it asked to come in does not count for a moment, and the app hears nothing of it.
        var isTurnedAway = callback is not null && view.Get(AccountTable.AccountRow) is { } state && connection.SignedAt < AccountState.FromRow(state).KickedAt;
        view.Insert((isTurnedAway ? row with { Ended = EndReason.Kick } : row).ToRow());
        if (callback is not null && !isTurnedAway)
        {
            var kicked = connection.Displaced.Take(RowsAtOnce).Where(rival => TryEnd(view, rival, EndReason.LoggedInElsewhere) is not null).ToList();
            StateCallbacks.LoggedIn(view, callback, account, row, kicked);
        }

        return true;
    }

    private static bool LogOut(PartitionView view, AccountKey account, ConnectionRow row, string reason, AfterCallback? callback)
    {
        if (TryEnd(view, row, reason) is not { } ended)
        {
            return false;
        }

        StateCallbacks.LoggedOut(view, callback, account, ended);
        return true;
    }

    // Null when it is gone, or being closed already.
    private static ConnectionRow? TryEnd(PartitionView view, ConnectionRow row, string reason)
    {
        if (view.Get(RowKey(row.ConnectionId)) is not { } known || ConnectionRow.FromRow(known) is not { Ended: null } open)
        {
            return null;
        }

        view.Put((open with { Ended = reason }).ToRow());
        return open;
    }

    private static bool Change(PartitionView view, string connectionId, Func<ConnectionRow, ConnectionRow> change)
    {
        if (view.Get(RowKey(connectionId)) is not { } known)
        {
            return false;
        }

        view.Put(change(ConnectionRow.FromRow(known)).ToRow());
        return true;
    }

    // The row of the connection guards this one: where it is gone, nothing is begun.
    private static ConnectionRow? Lose(PartitionView view, string connectionId, DateTimeOffset lastSeen, Action<ConnectionRow> tell)
    {
        if (view.Get(RowKey(connectionId)) is not { } known)
        {
            return null;
        }

        var connection = ConnectionRow.FromRow(known);
        view.Delete(known.RowKey);
        if (connection.Ended is null)
        {
            tell(connection);
        }

        if (connection.Platform.HasPush && connection.Ended is null)
        {
            var push = view.Get(PushRowKey(connection.Platform))?.Copy() ?? new TableEntity { RowKey = PushRowKey(connection.Platform) };
            push["Until"] = lastSeen + PushTime;
            view.Put(push);
        }

        return connection;
    }

    private static bool Remove(PartitionView view, string rowKey)
    {
        if (view.Get(rowKey) is null)
        {
            return false;
        }

        view.Delete(rowKey);
        return true;
    }
}
