using System.Text.Json;
using Parley.Telemetry;

namespace Parley.Health;

/// <summary>
/// Says whether this instance can work, to whoever asks: the platform, a load balancer, a person.
/// <code>
/// GET /health
/// → 200 { "Status": "OK", "Version": "1.0.0", "UptimeSeconds": 321, "Storage": "OK", "SignalR": "OK", "CheckedSecondsAgo": 4 }
/// → 200 { "Status": "Degraded", …, "Storage": "Partial", "UnreachableStorage": [2], "SignalR": "OK", … }
/// → 503 { "Status": "Unavailable", …, "Storage": "Unreachable", "SignalR": "OK", … }
/// </code>
/// </summary>
/// <remarks>
/// 503 when the primary storage account cannot be reached, since nothing works without it. Without a further one (<c>Degraded</c>, 200) what is in the others works, and no other instance would do better;
/// without SignalR messages are still accepted, and delivered when it is back. UnreachableStorage has the numbers of further accounts, as in the shard map; not their names, since anybody may ask.
/// HEAD answers the status alone. However often the question comes, the primary account and SignalR are asked at most once in ten seconds, a further account once in a minute, or in ten seconds while
/// it does not answer. All have two seconds to answer, at the same time.
/// </remarks>
/// <param name="storage">The storage accounts by number, the primary first.</param>
public sealed class HealthFunction(IReadOnlyList<ServiceCheck> storage, ServiceCheck signalR, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    public async Task HandleAsync(HttpContext http)
    {
        var states = await Task.WhenAll(storage.Append(signalR).Select(check => check.FindAsync()));
        var answer = Answer(states[..storage.Count], states[^1]);
        http.Response.StatusCode = states[0].IsReachable ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, ParleyJson.Wire.HealthResponse);
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body);
        }
    }

    private HealthResponse Answer(ServiceState[] accounts, ServiceState delivery)
    {
        int[] lost = [.. Enumerable.Range(1, accounts.Length - 1).Where(number => !accounts[number].IsReachable)];
        return new HealthResponse
        {
            Status = !accounts[0].IsReachable ? "Unavailable" : lost.Length == 0 && delivery.IsReachable ? "OK" : "Degraded",
            Version = ProgramVersion.Text,
            UptimeSeconds = (long)time.GetElapsedTime(_started).TotalSeconds,
            Storage = accounts[0].IsReachable && lost.Length > 0 ? "Partial" : Text(accounts[0].IsReachable),
            UnreachableStorage = lost.Length > 0 ? lost : null,
            SignalR = Text(delivery.IsReachable),
            CheckedSecondsAgo = (long)time.GetElapsedTime(accounts.Append(delivery).Min(state => state.At)).TotalSeconds,
        };
    }

    private static string Text(bool isReachable) => isReachable ? "OK" : "Unreachable";
}

public sealed record HealthResponse
{
    public required string Status { get; init; }

    public required string Version { get; init; }

    public required long UptimeSeconds { get; init; }

    public required string Storage { get; init; }

    public IReadOnlyList<int>? UnreachableStorage { get; init; }

    public required string SignalR { get; init; }

    public required long CheckedSecondsAgo { get; init; }
}
