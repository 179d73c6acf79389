using System.Diagnostics;
using Parley.Identity;

namespace Parley.Delivery.ServiceBus;

/// <summary>Keeps a connection to the broker: made at first use, and made again when it broke, with growing pauses while the broker does not answer.</summary>
internal sealed partial class BusLinks(BusAddress address, AppIdentity identity, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly BusTokens _tokens = new(address, identity, time);
    private readonly SemaphoreSlim _gate = new(1);
    private BusConnection? _connection;
    private int _failures;
    private long _failedAt;

    public BusAddress Address => address;

    /// <summary>A link to the queue that works as far as is known.</summary>
    /// <exception cref="Exception">The broker cannot be reached or refuses; nothing was sent.</exception>
    public async Task<BusSender> SenderOfAsync(string queue, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            return await (await ConnectedAsync(cancellation)).SenderOfAsync(queue, cancellation);
        }
        catch (TimeoutException)
        {
            // Half of it may work; all of it is made anew.
            await DropAsync();
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Gives up the connection on which a transfer was not answered.</summary>
    public async Task DropAsync(BusSender sender)
    {
        await _gate.WaitAsync();
        try
        {
            if (!sender.Link.IsClosed)
            {
                await DropAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        _tokens.Dispose();
        _gate.Dispose();
    }

    private async Task<BusConnection> ConnectedAsync(CancellationToken cancellation)
    {
        if (_connection is { IsClosed: false })
        {
            return _connection;
        }

        await DropAsync();
        await Task.Delay(PauseLeft(), cancellation);
        try
        {
            _connection = await BusConnection.OpenAsync(address, _tokens, time, cancellation);
            _failures = 0;
            Connected(logger, address.Host, address.Port);
            return _connection;
        }
        catch
        {
            _failures++;
            _failedAt = Stopwatch.GetTimestamp();
            throw;
        }
    }

    // Paced by real time, like all waiting for sockets.
    private TimeSpan PauseLeft()
    {
        if (_failures == 0)
        {
            return TimeSpan.Zero;
        }

        var pause = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, _failures - 1), LongestPause.TotalMilliseconds);
        var left = TimeSpan.FromMilliseconds(pause * (0.8 + (Random.Shared.NextDouble() * 0.4))) - Stopwatch.GetElapsedTime(_failedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task DropAsync()
    {
        if (_connection is { } old)
        {
            _connection = null;
            await old.DisposeAsync();
        }
    }

    [LoggerMessage(EventId = 4030, Level = LogLevel.Information, Message = "Connected to Service Bus at {Host}:{Port}")]
    private static partial void Connected(ILogger logger, string host, int port);
}
