using System.Diagnostics;
using Parley.Bench.Reporting;
using Parley.Bench.Setup;
using Parley.Tests.Support;

namespace Parley.Bench.Cost;

/// <summary>Counts what a case costs in an environment whose tables stand behind the counting proxy.</summary>
internal sealed class CostMeter(BenchEnvironment environment)
{
    // Deliveries run beside the answer. Nothing tells when the last one is out, so the counters must stand still for a while.
    private static readonly TimeSpan Stillness = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Requests of a case that missed its target.</summary>
    private const int MostNamed = 20;

    private readonly FaultProxy _tables = environment.Tables ?? throw new ArgumentException("It counts no storage transactions.", nameof(environment));

    /// <summary>Makes the calls of a case, one after another or by as many callers as it says.</summary>
    public async Task<CostResult> MeasureAsync(CostCase item, CancellationToken cancellation)
    {
        if (item.PrepareAsync is { } prepareAsync)
        {
            await prepareAsync(cancellation);
        }

        await WhenStillAsync(cancellation);
        _tables.ResetCounts();
        var callsBefore = environment.SignalR.Counters.RestCalls;
        await Task.WhenAll(Enumerable.Range(1, item.AtOnce).Select(first => CallAsync(item, first, cancellation)));
        await WhenStillAsync(cancellation);
        var messages = item.Calls * item.MessagesPerCall;
        var result = new CostResult(
            item, messages, PerMessage(request => request.Kind == RequestKind.Batch), PerMessage(request => request.IsWrite && request.Kind != RequestKind.Batch),
            PerMessage(request => !request.IsWrite), (double)(environment.SignalR.Counters.RestCalls - callsBefore) / messages);
        if (!result.IsMet)
        {
            // A batch does not say what it is for.
            _tables.Requests.Where(request => request.Kind != RequestKind.Batch && IsCounted(request)).Take(MostNamed).ToList().ForEach(request => Report.Progress($"{item.Name}: {request.Method} {request.Target}"));
        }

        return result;

        double PerMessage(Func<ProxiedRequest, bool> matches) => (double)_tables.Count(request => matches(request) && IsCounted(request)) / messages;
    }

    private static async Task CallAsync(CostCase item, int first, CancellationToken cancellation)
    {
        for (var number = first; number <= item.Calls; number += item.AtOnce)
        {
            await item.SendAsync((uint)number, cancellation);
        }
    }

    private static bool IsCounted(ProxiedRequest request) => !IsOfStatistics(request) && !IsOfShardMap(request);

    // Written every 15 seconds, however many messages there were.
    private static bool IsOfStatistics(ProxiedRequest request) => request.Target.Contains("/statistics(", StringComparison.Ordinal)
        || request.Target.EndsWith("/statistics", StringComparison.Ordinal) || request.Target.Contains("/statistics?", StringComparison.Ordinal);

    // Read once in some seconds, likewise.
    private static bool IsOfShardMap(ProxiedRequest request) => request.Target.Contains("PartitionKey='shards'", StringComparison.Ordinal);

    private async Task WhenStillAsync(CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var (last, since) = (Read(), began);
        while (Stopwatch.GetElapsedTime(since) < Stillness)
        {
            await Task.Delay(Poll, cancellation);
            if (Read() is var now && now != last)
            {
                (last, since) = (now, Stopwatch.GetTimestamp());
            }

            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new BenchException($"The handler was still calling storage or SignalR after {Patience.TotalSeconds} s.");
            }
        }
    }

    private (int Requests, long Calls) Read() => (_tables.Requests.Count, environment.SignalR.Counters.RestCalls);
}
