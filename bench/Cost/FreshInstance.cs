using System.Diagnostics;
using System.Text.Json.Nodes;
using Parley.Bench.Setup;

namespace Parley.Bench.Cost;

/// <summary>Sends each message through a handler that has just been started and knows nothing yet.</summary>
internal sealed class FreshInstance(string folder, BenchEnvironment environment, HttpClient http)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <exception cref="BenchException">The message was refused, or not delivered.</exception>
    public async Task SendAsync(JsonObject message, CancellationToken cancellation)
    {
        await using var process = await AppProcess.StartAsync(folder, environment, cancellation);
        var calls = environment.SignalR.Counters.RestCalls;
        await new ParleyApi(http, process.Address, environment.App).SendAsync(message, cancellation);

        // Its delivery runs beside the answer and would end with the process.
        var began = Stopwatch.GetTimestamp();
        while (environment.SignalR.Counters.RestCalls == calls)
        {
            await Task.Delay(Poll, cancellation);
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new BenchException($"A message was not delivered within {Patience.TotalSeconds} s.");
            }
        }
    }
}
