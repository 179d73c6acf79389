using Parley.Accounts;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>What the SignalR service tells of connections: that they were opened, and that they ended.</summary>
/// <remarks>
/// The row is written before anything is decided by it. So of two devices that connect at once at least one sees both, and each that sees
/// both comes to the same verdict; and a kick sees either the row or is seen here. A caller that leaves does not stop what has begun.
/// </remarks>
public sealed partial class ConnectionEvents(
    AppDirectory apps, AccountDirectory accounts, ConnectionTable connections, ConnectionEnding ending, IEnumerable<IConnectionWatcher> watchers, DailyStatistics statistics,
    TimeProvider time,
    ILogger<ConnectionEvents> logger)
{
    /// <param name="name"><c>connected</c> or <c>disconnected</c>; another is ignored.</param>
    public Task HandleAsync(string name, AccountKey account, string connectionId, ConnectionClaims claims) => name switch
    {
        "connected" => ConnectedAsync(account, connectionId, claims),
        "disconnected" => DisconnectedAsync(account, connectionId),
        _ => Task.CompletedTask,
    };

    /// <summary>Notes a new connection, and closes those that must give way: older ones by the app's policy, or the new one itself.</summary>
    public async Task ConnectedAsync(AccountKey account, string connectionId, ConnectionClaims claims)
    {
        var app = await apps.FindAsync(account.SdkAppId, CancellationToken.None);
        var policy = app?.LoginPolicy ?? LoginPolicy.Many;
        var now = time.GetUtcNow();
        var newcomer = new ConnectionRow(connectionId, claims.Platform, now, now, null) { Address = claims.Address };
        var displaced = app is not null && CallbackCommands.StateChange.IsOn(app) ? await FindDisplacedAsync(account, newcomer, policy) : [];
        var isNew = await connections.AddAsync(account, new NewConnection(newcomer, claims.SignedAt, displaced), CancellationToken.None);
        if (isNew is null)
        {
            await ending.EndUnknownAsync(account.SdkAppId, connectionId, EndReason.AccountDeleted, CancellationToken.None);
            return;
        }

        if (claims.SignedAt < (await accounts.ReadAsync(account, CancellationToken.None)).KickedAt)
        {
            var rows = await connections.ListAsync(account, CancellationToken.None);
            await ending.EndAsync(account, [.. rows.Where(row => row.ConnectionId == connectionId)], EndReason.Kick, null, CancellationToken.None);
            return;
        }

        if (isNew.Value)
        {
            statistics.LoggedIn(account.SdkAppId, account.Account);
        }

        await TellAsync(watcher => watcher.ConnectedAsync(account, CancellationToken.None));
        await ending.EndAsync(account, displaced, EndReason.LoggedInElsewhere, newcomer.Platform, CancellationToken.None);
        await EndDisplacedAsync(account, policy);
    }

    /// <summary>Notes that a connection has ended.</summary>
    public async Task DisconnectedAsync(AccountKey account, string connectionId)
    {
        await connections.LoseAsync(account, connectionId, time.GetUtcNow(), ConnectionLoss.LinkClose, CancellationToken.None);
        await TellAsync(watcher => watcher.DisconnectedAsync(account, CancellationToken.None));
    }

    // The login tells the app of them, so they are looked for before it. Nobody gives way to what is told of again.
    private async Task<IReadOnlyList<ConnectionRow>> FindDisplacedAsync(AccountKey account, ConnectionRow newcomer, LoginPolicy policy)
    {
        if (policy == LoginPolicy.Many)
        {
            return [];
        }

        var rows = await connections.ListAsync(account, CancellationToken.None);
        return rows.Any(row => row.ConnectionId == newcomer.ConnectionId)
            ? []
            : [.. Displaced(rows.Append(newcomer), policy).Where(rivals => rivals.Newest == newcomer).SelectMany(rivals => rivals.Displaced)];
    }

    private async Task EndDisplacedAsync(AccountKey account, LoginPolicy policy)
    {
        if (policy == LoginPolicy.Many)
        {
            return;
        }

        foreach (var (newest, displaced) in Displaced(await connections.ListAsync(account, CancellationToken.None), policy))
        {
            await ending.EndAsync(account, displaced, EndReason.LoggedInElsewhere, newest.Platform, CancellationToken.None);
        }
    }

    // What watchers fail to do they find again; the connection itself is noted.
    private async Task TellAsync(Func<IConnectionWatcher, Task> tell)
    {
        foreach (var watcher in watchers)
        {
            try
            {
                await tell(watcher);
            }
            catch (Exception e)
            {
                WatcherFailed(logger, e);
            }
        }
    }

    // Of those that compete the last to come stays; the ids decide between two of the same moment.
    private static IEnumerable<(ConnectionRow Newest, IReadOnlyList<ConnectionRow> Displaced)> Displaced(IEnumerable<ConnectionRow> rows, LoginPolicy policy) =>
        from row in rows
        where row.Ended is null
        group row by policy == LoginPolicy.Single ? PlatformKind.Web : row.Platform.Kind into rivals
        let ordered = rivals.OrderByDescending(row => row.ConnectedAt).ThenByDescending(row => row.ConnectionId, StringComparer.Ordinal).ToList()
        where ordered.Count > 1
        select (ordered[0], (IReadOnlyList<ConnectionRow>)ordered[1..]);

    [LoggerMessage(EventId = 5020, Level = LogLevel.Warning, Message = "What follows from a connection was not done; it is found again later")]
    private static partial void WatcherFailed(ILogger logger, Exception exception);
}
