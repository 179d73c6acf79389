using System.Text.Json;
using Parley.Telemetry;

namespace Parley.Health;

/// <summary>
/// Says whether this instance can work, to whoever asks: the platform, a load balancer, a person.
/// <code>
/// GET /health
/// → 200 { "Status": "OK", "Version": "1.0.0", "UptimeSeconds": 321, "Storage": "OK", "SignalR": "OK", "CheckedSecondsAgo": 4 }
/// → 503 { "Status": "Unavailable", …, "Storage": "Unreachable", "SignalR": "OK", … }
/// </code>
/// </summary>
/// <remarks>
/// 503 when storage cannot be reached, since nothing works without it. Without SignalR (<c>Degraded</c>, 200) messages are still accepted, and delivered when it is back. HEAD answers
/// the status alone. The services are asked at most once in ten seconds, however often the question comes, and have two seconds to answer.
/// </remarks>
public sealed class HealthFunction(ServiceCheck storage, ServiceCheck signalR, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    public async Task HandleAsync(HttpContext http)
    {
        var (store, delivery) = (storage.FindAsync(), signalR.FindAsync());
        await Task.WhenAll(store, delivery);
        var (isStored, isDelivered) = ((await store).IsReachable, (await delivery).IsReachable);
        var answer = JsonSerializer.SerializeToUtf8Bytes(
            new HealthResponse
            {
                Status = !isStored ? "Unavailable" : isDelivered ? "OK" : "Degraded",
                Version = ProgramVersion.Text,
                UptimeSeconds = (long)time.GetElapsedTime(_started).TotalSeconds,
                Storage = Text(isStored),
                SignalR = Text(isDelivered),
                CheckedSecondsAgo = (long)time.GetElapsedTime(Math.Min((await store).At, (await delivery).At)).TotalSeconds,
            },
            ParleyJson.Wire.HealthResponse);
        http.Response.StatusCode = isStored ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentLength = answer.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(answer);
        }
    }

    private static string Text(bool isReachable) => isReachable ? "OK" : "Unreachable";
}

public sealed record HealthResponse
{
    public required string Status { get; init; }

    public required string Version { get; init; }

    public required long UptimeSeconds { get; init; }

    public required string Storage { get; init; }

    public required string SignalR { get; init; }

    public required long CheckedSecondsAgo { get; init; }
}
