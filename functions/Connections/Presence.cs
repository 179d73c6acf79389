using Parley.Accounts;
using Parley.Delivery;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>How an account can be reached on one platform, or at all.</summary>
public enum OnlineStatus
{
    /// <summary>Not at all.</summary>
    Offline,

    /// <summary>By push: a mobile device whose connection ended less than seven days ago without logging out.</summary>
    PushOnline,

    /// <summary>At once: a connection is open.</summary>
    Online,
}

/// <summary>
/// Says who is online. A connection's row is believed for a minute; an older one is checked with the service when somebody asks, and by the
/// sweep, and is then good for another minute or gone.
/// </summary>
/// <remarks>
/// So a device that fell silent is offline after the service's own timeout (30 s) when the service's event arrives, and a minute later
/// at most when it does not. Nobody sends heartbeats for this. While the service cannot be asked, the row is believed.
/// </remarks>
public sealed partial class Presence(
    AccountTable accounts, ConnectionTable connections, SignalRClient signalR, DailyStatistics statistics, TimeProvider time, ILogger<Presence> logger)
{
    /// <summary>How long a connection is believed to be open after it was seen.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(60);

    /// <summary>The platforms on which an account can be reached, best first; null when there is no such account.</summary>
    public async Task<IReadOnlyList<(Platform Platform, OnlineStatus Status)>?> FindAsync(AccountKey account, CancellationToken cancellation)
    {
        var exists = accounts.ExistsAsync(account, cancellation);
        var listing = connections.ListAsync(account, cancellation);
        var pushes = connections.ListPushAsync(account, cancellation);
        await Task.WhenAll(exists, listing, pushes);
        if (!await exists)
        {
            return null;
        }

        var rows = (await listing).Where(row => row.Ended is null).ToList();
        var open = await Task.WhenAll(rows.Select(row => IsOpenAsync(account, row, cancellation)));
        var statuses = rows.Zip(open, Status).Concat((await pushes).Select(platform => (Platform: platform, Status: OnlineStatus.PushOnline)));
        return
        [
            .. statuses.Where(status => status.Status != OnlineStatus.Offline)
                .GroupBy(status => status.Platform, (platform, all) => (Platform: platform, Status: all.Max(status => status.Status)))
                .OrderByDescending(platform => platform.Status).ThenBy(platform => platform.Platform.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>Asks the service whether a connection is open, and notes what it says.</summary>
    /// <exception cref="HttpRequestException">The service could not be asked.</exception>
    public async Task<bool> CheckAsync(AccountKey account, ConnectionRow row, CancellationToken cancellation)
    {
        var isOpen = await signalR.ConnectionExistsAsync(account.SdkAppId, row.ConnectionId, cancellation);
        if (isOpen)
        {
            statistics.Active(account.SdkAppId, account.Account);
        }

        await (isOpen
            ? connections.RenewAsync(account, row.ConnectionId, cancellation)
            : connections.LoseAsync(account, row.ConnectionId, row.SeenAt, ConnectionLoss.TimeOut, cancellation));
        return isOpen;
    }

    private async Task<bool> IsOpenAsync(AccountKey account, ConnectionRow row, CancellationToken cancellation)
    {
        try
        {
            return time.GetUtcNow() - row.SeenAt < TimeToLive || await CheckAsync(account, row, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            NotChecked(logger, e.Message);
            return true;
        }
    }

    private (Platform Platform, OnlineStatus Status) Status(ConnectionRow row, bool isOpen)
    {
        var isRecent = row.SeenAt + ConnectionTable.PushTime > time.GetUtcNow();
        return (row.Platform, isOpen ? OnlineStatus.Online : row.Platform.HasPush && isRecent ? OnlineStatus.PushOnline : OnlineStatus.Offline);
    }

    [LoggerMessage(EventId = 5010, Level = LogLevel.Warning, Message = "The SignalR service could not be asked for a connection, which counts as open until it can: {Reason}")]
    private static partial void NotChecked(ILogger logger, string reason);
}
