using Parley.Accounts;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>
/// Closes connections on purpose: their rows are marked first, so that they count no more and their end is not taken for a lost connection;
/// then the client hears why and is closed; then the rows go.
/// </summary>
/// <remarks>What breaks off in between leaves marked rows, which the sweep brings to their end.</remarks>
public sealed class ConnectionEnding(ConnectionTable connections, SignalRClient signalR) : IAccountBelonging
{
    private const int AtOnce = 16;

    /// <summary>Closes every connection of an account, known or not, and forgets that it can be reached by push.</summary>
    /// <exception cref="HttpRequestException">The SignalR service could not be reached; the call should be repeated.</exception>
    public async Task EndAllAsync(AccountKey account, string reason, CancellationToken cancellation)
    {
        var rows = await connections.ListAsync(account, cancellation);
        await connections.MarkEndedAsync(account, rows, reason, cancellation);
        await connections.RemovePushAsync(account, Platform.WithPush, cancellation);
        await signalR.SendAsync(DeliveryTarget.Account(account), new KickedEvent(reason, null).ToFrame(), cancellation);
        await signalR.CloseAccountAsync(account, reason, cancellation);
        await connections.RemoveAsync(account, rows, cancellation);
    }

    /// <summary>Closes some connections of an account.</summary>
    /// <param name="newcomer">The device that takes their place, if any.</param>
    /// <exception cref="HttpRequestException">The SignalR service could not be reached.</exception>
    public async Task EndAsync(AccountKey account, IReadOnlyList<ConnectionRow> rows, string reason, Platform? newcomer, CancellationToken cancellation)
    {
        await connections.MarkEndedAsync(account, rows, reason, cancellation);
        var frame = new KickedEvent(reason, newcomer?.Name).ToFrame();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(rows, parallel, async (row, token) => await CloseAsync(account.SdkAppId, row.ConnectionId, frame, reason, token));
        await connections.RemoveAsync(account, rows, cancellation);
    }

    /// <summary>Closes a connection that has no row.</summary>
    public Task EndUnknownAsync(uint sdkAppId, string connectionId, string reason, CancellationToken cancellation) =>
        CloseAsync(sdkAppId, connectionId, new KickedEvent(reason, null).ToFrame(), reason, cancellation);

    /// <summary>The account is being deleted.</summary>
    public Task RemoveAsync(AccountKey account, CancellationToken cancellation) => EndAllAsync(account, EndReason.AccountDeleted, cancellation);

    private async Task CloseAsync(uint sdkAppId, string connectionId, byte[] frame, string reason, CancellationToken cancellation)
    {
        await signalR.SendAsync(DeliveryTarget.Connection(sdkAppId, connectionId), frame, cancellation);
        await signalR.CloseConnectionAsync(sdkAppId, connectionId, reason, cancellation);
    }
}
