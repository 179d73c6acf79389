using System.Diagnostics;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>Calls of one instance, each in a trace of its own.</summary>
internal sealed class TelemetryCalls(ApiClient api)
{
    /// <returns>The id of the trace.</returns>
    public async Task<string> CallAsync(string service, string command, string body, int? code = null)
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        using var request = new HttpRequestMessage(HttpMethod.Post, api.CommandPath(service, command)) { Content = new StringContent(body) };
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");
        using var answer = await api.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (code is not null)
        {
            Assert.Contains($"\"ErrorCode\":{code}", text, StringComparison.Ordinal);
        }

        return trace;
    }
}
