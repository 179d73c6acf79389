using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>An OpenTelemetry collector's receiving end: OTLP over HTTP, and over gRPC, on a loopback port each. It keeps all that it got, as bytes and as what they say.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentQueue<ReceivedLog> _logs = new();
    private readonly ConcurrentDictionary<string, ReceivedPoint> _points = new();
    private readonly ConcurrentDictionary<string, string> _resources = new();
    private readonly ConcurrentDictionary<string, long> _metricExports = new();

    private LoopbackServer _server = null!;

    private OtlpReceiver()
    {
    }

    /// <summary>For the protocol http/protobuf.</summary>
    public string HttpAddress => _server.Addresses[0];

    /// <summary>For the protocol grpc.</summary>
    public string GrpcAddress => _server.Addresses[1];

    public IReadOnlyCollection<byte[]> Bodies => _bodies;

    public IEnumerable<ReceivedSpan> Spans => _spans;

    public IEnumerable<ReceivedLog> Logs => _logs;

    /// <summary>The latest point of each series.</summary>
    public IEnumerable<ReceivedPoint> Points => _points.Values;

    /// <summary>Names of services by instance.</summary>
    public IReadOnlyDictionary<string, string> Resources => _resources;

    /// <summary>How often each instance has exported metrics.</summary>
    public IReadOnlyDictionary<string, long> MetricExports => _metricExports;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        receiver._server = await LoopbackServer.StartAsync(receiver.HandleAsync, HttpProtocols.Http1, HttpProtocols.Http2);
        return receiver;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var isGrpc = context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;
        // gRPC: a byte for the compression and four for the length go before the message, in both directions.
        Take(context.Request.Path.Value!, body.ToArray()[(isGrpc ? 5 : 0)..]);
        if (isGrpc)
        {
            context.Response.ContentType = "application/grpc";
            context.Response.AppendTrailer("grpc-status", "0");
            await context.Response.Body.WriteAsync(new byte[5]);
        }
        else
        {
            context.Response.ContentType = "application/x-protobuf";
        }
    }

    private void Take(string path, byte[] body)
    {
        _bodies.Enqueue(body);
        foreach (var resource in new ProtobufMessage(body).All(1).Select(field => field.Message))
        {
            var about = Otlp.Attributes(resource.One(1).Message, 1);
            var instance = about.GetValueOrDefault("service.instance.id", "");
            _resources[instance] = about.GetValueOrDefault("service.name", "");
            foreach (var scope in resource.All(2).Select(field => field.Message))
            {
                Take(path, instance, scope);
            }

            if (path.Contains("metrics", StringComparison.OrdinalIgnoreCase))
            {
                _metricExports.AddOrUpdate(instance, 1, (_, exports) => exports + 1);
            }
        }
    }

    private void Take(string path, string instance, ProtobufMessage scope)
    {
        foreach (var item in scope.All(2).Select(field => field.Message))
        {
            if (path.Contains("trace", StringComparison.OrdinalIgnoreCase))
            {
                _spans.Enqueue(ReceivedSpan.Read(item));
            }
            else if (path.Contains("logs", StringComparison.OrdinalIgnoreCase))
            {
                _logs.Enqueue(ReceivedLog.Read(scope.One(1).Message.One(1).Text, item));
            }
            else
            {
                ReceivedPoint.ReadAll(instance, item).ToList().ForEach(point => _points[point.Series] = point);
            }
        }
    }
}
