using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>The ingestion endpoint of Application Insights: takes compressed lines of JSON, an item each, and says that it has taken all of them.</summary>
internal sealed class AzureMonitorReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _lines = new();

    private AzureMonitorReceiver(WebApplication app) => _app = app;

    public string ConnectionString => $"InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint={_app.Urls.Single()}/";

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
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new AzureMonitorReceiver(app);
        app.Run(receiver.HandleAsync);
        await app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

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
