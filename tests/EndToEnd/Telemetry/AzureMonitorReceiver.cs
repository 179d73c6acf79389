using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>The ingestion endpoint of Application Insights: takes compressed lines of JSON, an item each, and says that it has taken all of them.</summary>
internal sealed class AzureMonitorReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private LoopbackServer _server = null!;

    private AzureMonitorReceiver()
    {
    }

    public string ConnectionString => $"InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint={_server.Addresses[0]}/";

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Content of the items of a kind (RequestData, RemoteDependencyData, MetricData, MessageData, ExceptionData), each with the operation that it belongs to.</summary>
    public IEnumerable<(string Operation, JsonElement Content)> Items(string kind) =>
        from line in _lines
        let item = JsonElement.Parse(line)
        where item.GetProperty("data").GetProperty("baseType").GetString() == kind
        let operation = item.TryGetProperty("tags", out var tags) && tags.TryGetProperty("ai.operation.id", out var id) ? id.GetString()! : ""
        select (operation, item.GetProperty("data").GetProperty("baseData"));

    public static async Task<AzureMonitorReceiver> StartAsync()
    {
        var receiver = new AzureMonitorReceiver();
        receiver._server = await LoopbackServer.StartAsync(receiver.HandleAsync);
        return receiver;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        var isCompressed = context.Request.Headers.ContentEncoding == "gzip";
        await using var plain = isCompressed ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        using var reader = new StreamReader(plain, Encoding.UTF8);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Array.ForEach(lines, _lines.Enqueue);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($$"""{"itemsReceived":{{lines.Length}},"itemsAccepted":{{lines.Length}},"errors":[]}""");
    }
}
