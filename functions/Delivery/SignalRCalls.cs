using System.Diagnostics;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>Counts every call of the SignalR service, and makes it a span of whatever it is made for.</summary>
internal static class SignalRCalls
{
    /// <param name="operation">What the call does, in the words of the program.</param>
    public static async Task<HttpResponseMessage> SendAsync(
        this HttpClient http, string operation, HttpRequestMessage request, ParleyMetrics metrics, CancellationToken cancellation)
    {
        var (outcome, began) = (CallOutcome.Unreachable, Stopwatch.GetTimestamp());
        using var span = ParleyTracing.Start($"signalr {operation}", ActivityKind.Client)?.SetTag("server.address", request.RequestUri!.Host);
        try
        {
            var response = await http.SendAsync(request, cancellation);
            outcome = CallOutcomes.Of((int)response.StatusCode);
            return response;
        }
        finally
        {
            span.End(outcome);
            metrics.SignalRCalled(operation, outcome, Stopwatch.GetElapsedTime(began));
        }
    }
}
