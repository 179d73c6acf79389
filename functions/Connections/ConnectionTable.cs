using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>
/// An account's devices, in its partition of table <c>accounts</c>: rows <c>p|{connection id}</c>, its open connections, and rows
/// <c>d|{platform}</c>, mobile platforms that can be reached by push until a time, though they are not connected.
/// </summary>
public sealed class ConnectionTable(TableStore tables, DailyStatistics statistics, TimeProvider time)
{
    /// <summary>Prefix of the row keys of connections.</summary>
    public const string Prefix = "p|";

    /// <summary>Prefix of the row keys of platforms that can be reached by push.</summary>
    public const string PushPrefix = "d|";

    /// <summary>How long after its connection a mobile device counts as reachable by push.</summary>
    public static readonly TimeSpan PushTime = TimeSpan.FromDays(7);

    private const int RowsAtOnce = 90;

    private static readonly string[] PushColumns = ["RowKey", "Until"];

    /// <summary>Notes that a connection is open; safe to repeat.</summary>
    /// <returns>Whether the connection was not known before; null when the account does not exist.</returns>
    public async Task<bool?> AddAsync(AccountKey account, string connectionId, Platform platform, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var row = new ConnectionRow(connectionId, platform, now, now, null);
        var isNew = await tables.AccountWriter.ApplyAsync(account.PartitionKey, view => Add(view, row), cancellation);
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

    /// <summary>Notes that a connection has ended by itself; a mobile device can be reached by push from then on. Safe to repeat.</summary>
    public async Task LoseAsync(AccountKey account, string connectionId, DateTimeOffset lastSeen, CancellationToken cancellation)
    {
        if (await tables.AccountWriter.ApplyAsync(account.PartitionKey, view => Lose(view, connectionId, lastSeen), cancellation) is { } lost)
        {
            statistics.ConnectionClosed(account.SdkAppId, lost.ConnectedAt);
        }
    }

    /// <summary>Notes that connections are being closed by Parley, so that they count no more. Safe to repeat.</summary>
    public Task MarkEndedAsync(AccountKey account, IEnumerable<ConnectionRow> rows, string reason, CancellationToken cancellation) =>
        EachAsync(account, rows, (view, row) => Change(view, row.ConnectionId, known => known with { Ended = known.Ended ?? reason }), cancellation);

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

    private async Task EachAsync(AccountKey account, IEnumerable<ConnectionRow> rows, Func<PartitionView, ConnectionRow, bool> change, CancellationToken cancellation)
    {
        foreach (var some in rows.Chunk(RowsAtOnce))
        {
            await tables.AccountWriter.ApplyAsync(account.PartitionKey, view => some.Count(row => change(view, row)), cancellation);
        }
    }

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
    private static bool? Add(PartitionView view, ConnectionRow row)
    {
        if (view.GetUnlikely(RowKey(row.ConnectionId)) is { } known)
        {
            return ConnectionRow.FromRow(known).ConnectedAt == row.ConnectedAt;
        }

        if (!view.ExistsLikely(AccountTable.AccountRow))
        {
            return null;
        }

        view.Insert(row.ToRow());
        return true;
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
    private static ConnectionRow? Lose(PartitionView view, string connectionId, DateTimeOffset lastSeen)
    {
        if (view.Get(RowKey(connectionId)) is not { } known)
        {
            return null;
        }

        var connection = ConnectionRow.FromRow(known);
        view.Delete(known.RowKey);
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
