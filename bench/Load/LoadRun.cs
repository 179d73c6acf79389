using System.Diagnostics;
using System.Globalization;
using Parley.Bench.Reporting;
using Parley.Bench.Setup;
using Parley.Tests.Support;

namespace Parley.Bench.Load;

/// <summary>Connects the receivers, lets the senders send, and waits until all that was acknowledged has arrived.</summary>
internal sealed class LoadRun(BenchLine line, BenchEnvironment environment, AppProcess process, HttpClient http) : IAsyncDisposable
{
    private const int ConnectingAtOnce = 8;
    private static readonly TimeSpan ArrivalPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<Receiver> _receivers = [];
    private readonly List<Sender> _senders = [];

    public ParleyApi Api { get; } = new(http, process.Address, environment.App);

    public IReadOnlyList<Receiver> Receivers => _receivers;

    public IReadOnlyList<Sender> Senders => _senders;

    public async Task<LoadResult> RunAsync(CancellationToken cancellation)
    {
        await PrepareAsync(cancellation);
        Report.Progress($"Sending for {line.Duration.TotalSeconds} s ...");
        var requests = TableRequests();
        var before = process.Figures();
        var began = Stopwatch.GetTimestamp();
        var end = began + (long)(line.Duration.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(_senders.Select(sender => Task.Run(() => sender.SendUntilAsync(end, cancellation), cancellation)));
        var elapsed = Stopwatch.GetElapsedTime(began);
        var missing = await WhenArrivedAsync(cancellation);
        var after = process.Figures();

        return new LoadResult
        {
            Elapsed = elapsed,
            Messages = _senders.Sum(sender => sender.AnswerTimes.Count),
            ToAnswer = new Distribution(_senders.SelectMany(sender => sender.AnswerTimes)),
            ToReceive = new Distribution(_receivers.SelectMany(receiver => receiver.Ages)),
            CpuSeconds = after.CpuSeconds - before.CpuSeconds,
            PeakResidentBytes = after.PeakResidentBytes,
            TableRequests = TableRequests() - requests,
            NotReceived = missing,
        };
    }

    public async ValueTask DisposeAsync()
    {
        // The handler ends with the run, so nobody listens to what happens to the connections from here on.
        environment.SignalR.Upstream = [];
        foreach (var receiver in _receivers)
        {
            await receiver.DisposeAsync();
        }
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        Report.Progress($"Connecting {line.Receivers} receivers and beginning {line.Senders * line.Receivers} conversations ...");
        var receivers = Names("receiver", line.Receivers);
        var senders = Names("sender", line.Senders);
        await Api.ImportAsync([.. receivers, .. senders], cancellation);
        foreach (var some in receivers.Chunk(ConnectingAtOnce))
        {
            _receivers.AddRange(await Task.WhenAll(some.Select(account => Receiver.ConnectAsync(Api, account, cancellation))));
        }

        _senders.AddRange(senders.Select((account, place) => new Sender(Api, account, place, receivers)));
        await Task.WhenAll(_senders.Select(sender => sender.BeginAsync(cancellation)));
        await WhenArrivedAsync(cancellation);
    }

    private static List<string> Names(string role, int count) =>
        [.. Enumerable.Range(1, count).Select(number => $"{role}-{number.ToString(CultureInfo.InvariantCulture)}")];

    private long TableRequests() => environment.Tables is { } tables ? tables.Count(request => request.Kind != RequestKind.Other) : 0;

    /// <returns>How many acknowledged messages have still not come after a time that would do for any delay.</returns>
    private async Task<int> WhenArrivedAsync(CancellationToken cancellation)
    {
        var expected = _senders
            .SelectMany(sender => sender.Acknowledged.Select(message => (message.Receiver, Name: Receiver.Name(sender.Account, message.Key))))
            .ToLookup(message => message.Receiver, message => message.Name);
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var missing = _receivers.Sum(receiver => receiver.CountMissing(expected[receiver.Account]));
            if (missing == 0 || Stopwatch.GetElapsedTime(began) > Patience)
            {
                return missing;
            }

            await Task.Delay(ArrivalPoll, cancellation);
        }
    }
}
