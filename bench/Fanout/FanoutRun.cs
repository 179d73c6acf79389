using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Apps;
using Parley.Bench.Reporting;
using Parley.Bench.Setup;

namespace Parley.Bench.Fanout;

/// <summary>A group all of whose members are connected with the official client, and messages to it, one after another.</summary>
internal sealed class FanoutRun(BenchLine line, BenchEnvironment environment, ParleyApi api) : IAsyncDisposable
{
    private const int ConnectingAtOnce = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly GroupApi _groups = new(api);
    private readonly List<HubConnection> _hubs = [];

    // By the number of the message; the first one is not measured.
    private readonly FanoutSend[] _sends = [.. Enumerable.Range(0, line.Sends + 1).Select(_ => new FanoutSend(line.Listeners))];

    /// <summary>Those that are measured.</summary>
    public IReadOnlyList<FanoutSend> Sends => _sends[1..];

    public async Task<IReadOnlyList<FanoutTimes>> RunAsync(CancellationToken cancellation)
    {
        Report.Progress($"Making {line.Listeners} accounts members of a group ...");
        var group = await _groups.CreateAsync(GroupType.Community, line.Listeners, cancellation);
        Report.Progress($"Connecting {line.Listeners} members ...");
        foreach (var some in Enumerable.Range(0, line.Listeners).Chunk(ConnectingAtOnce))
        {
            _hubs.AddRange(await Task.WhenAll(some.Select(listener => ConnectAsync(listener, cancellation))));
        }

        await SendAsync(group, 0, cancellation);
        Report.Progress($"Sending {line.Sends} messages ...");
        var times = new List<FanoutTimes>();
        for (var number = 1; number <= line.Sends; number++)
        {
            times.Add(await SendAsync(group, number, cancellation));
        }

        return times;
    }

    public async ValueTask DisposeAsync()
    {
        // The handler ends with the run, so nobody listens to what happens to the connections from here on.
        environment.SignalR.Upstream = [];
        await Parallel.ForEachAsync(_hubs, async (hub, _) => await hub.DisposeAsync());
    }

    private async Task<HubConnection> ConnectAsync(int listener, CancellationToken cancellation)
    {
        var hub = new HubConnectionBuilder().WithUrl(api.ClientUrl(GroupApi.Account(listener + 1))).Build();
        hub.On<JsonElement>("events", events => Note(listener, events, Stopwatch.GetTimestamp()));
        await hub.StartAsync(cancellation);
        return hub;
    }

    private void Note(int listener, JsonElement events, long at)
    {
        foreach (var item in events.EnumerateArray())
        {
            if (item.TryGetProperty("MsgRandom", out var number))
            {
                _sends[number.GetInt32()].Note(listener, at);
            }
        }
    }

    // Waits until everybody has it, or for longer than any delay.
    private async Task<FanoutTimes> SendAsync(string group, int number, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        await _groups.SendAsync(group, 1, (uint)number, cancellation);
        var answered = Stopwatch.GetTimestamp();
        await Task.WhenAny(_sends[number].WhenAllHeard, Task.Delay(Patience, cancellation));
        cancellation.ThrowIfCancellationRequested();
        return new FanoutTimes(began, answered, _sends[number].Arrivals);
    }
}
