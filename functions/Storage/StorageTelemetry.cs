using System.Diagnostics;
using Azure.Core;
using Azure.Core.Pipeline;
using Parley.Telemetry;

namespace Parley.Storage;

/// <summary>Counts every request to Table Storage, repeated ones too, and makes it a span of the call or calls that it is made for.</summary>
internal sealed class StorageTelemetry(ParleyMetrics metrics) : HttpPipelinePolicy
{
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var (call, began) = (StorageCall.Of(message.Request), Stopwatch.GetTimestamp());
        using var span = StartSpan(call, message.Request);
        var outcome = CallOutcome.Unreachable;
        try
        {
            await ProcessNextAsync(message, pipeline);
            outcome = End(span, call, message);
        }
        finally
        {
            Note(span, call, outcome, began);
        }
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var (call, began) = (StorageCall.Of(message.Request), Stopwatch.GetTimestamp());
        using var span = StartSpan(call, message.Request);
        var outcome = CallOutcome.Unreachable;
        try
        {
            ProcessNext(message, pipeline);
            outcome = End(span, call, message);
        }
        finally
        {
            Note(span, call, outcome, began);
        }
    }

    private static Activity? StartSpan(StorageCall call, Request request)
    {
        var (work, name) = (StorageWork.Current, $"{call.Operation} {call.Table}");
        var span = work?.Origins is { } origins ? ParleyTracing.Start(name, ActivityKind.Client, origins) : ParleyTracing.Start(name, ActivityKind.Client);
        span?.SetTag("db.system.name", "azure.tables").SetTag("db.operation.name", call.Operation).SetTag("db.collection.name", call.Table)
            .SetTag("server.address", request.Uri.Host);
        return call.Operation == StorageCall.Transaction && work?.Rows is { } rows ? span?.SetTag("parley.rows", rows) : span;
    }

    private static CallOutcome End(Activity? span, StorageCall call, HttpMessage message)
    {
        if (span is not null && call.Operation == StorageCall.Query)
        {
            span.SetTag("parley.rows", StorageCall.RowsIn(message.Response));
        }

        return call.OutcomeOf(message.Response);
    }

    private void Note(Activity? span, StorageCall call, CallOutcome outcome, long began)
    {
        span.End(outcome);
        metrics.StorageCalled(call.Table, call.Operation, outcome, Stopwatch.GetElapsedTime(began));
    }
}
