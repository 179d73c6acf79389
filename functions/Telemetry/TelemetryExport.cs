using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Parley.Telemetry;

/// <summary>Sends traces, metrics and logs to an OpenTelemetry collector, to Azure Monitor, or to both; where none is configured, nothing of it is made.</summary>
/// <remarks>
/// The collector is configured by the standard variables <c>OTEL_…</c>, Azure Monitor by those of the Functions host. To Azure Monitor the host writes every line
/// of standard output; so that nothing is there twice, what goes there directly is not printed, but for what is critical, which a dying process may not have sent.
/// </remarks>
internal static class TelemetryExport
{
    private const string ServiceName = "parley";

    private static readonly string[] CollectorSettings =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    ];

    public static void AddTelemetryExport(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (configuration["OTEL_SDK_DISABLED"] is { } disabled && disabled.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var toCollector = CollectorSettings.Any(setting => !string.IsNullOrEmpty(configuration[setting]));
        var azure = AzureMonitorAccess.Read(configuration);
        if (!toCollector && azure is null)
        {
            return;
        }

        if (azure is not null)
        {
            // The exporter's own figures would go to its makers.
            Environment.SetEnvironmentVariable("APPLICATIONINSIGHTS_STATSBEAT_DISABLED", "true");
            Environment.SetEnvironmentVariable("APPLICATIONINSIGHTS_SDKSTATS_DISABLED_ALL", "true");
            builder.Logging.AddFilter<ConsoleLoggerProvider>(null, LogLevel.Critical);
        }

        var instance = configuration["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] is { Length: > 0 } worker ? worker : Guid.NewGuid().ToString();
        var name = configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } named ? named : ServiceName;
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(name, serviceVersion: ProgramVersion.Text, serviceInstanceId: instance))
            .WithTracing(traces => AddTraces(traces, toCollector, azure))
            .WithMetrics(metrics => AddMetrics(metrics, toCollector, azure))
            .WithLogging(logs => AddLogs(logs, toCollector, azure), options =>
            {
                options.IncludeFormattedMessage = true;
                // A scope of the web server's holds the path of the request, and that of upstream calls is secret.
                options.IncludeScopes = false;
            });
    }

    private static void AddTraces(TracerProviderBuilder traces, bool toCollector, AzureMonitorExporterOptions? azure)
    {
        traces.AddSource(ParleyTracing.SourceName).SetSampler(services => new TraceSampler(services.GetRequiredService<IOptions<TelemetryOptions>>().Value.TraceRatio));
        if (toCollector)
        {
            traces.AddOtlpExporter();
        }

        if (azure is not null)
        {
            var batch = new BatchExportActivityProcessorOptions();
            traces.AddProcessor(new BatchActivityExportProcessor(
                new AzureMonitorTraceExporter(azure), batch.MaxQueueSize, batch.ScheduledDelayMilliseconds, batch.ExporterTimeoutMilliseconds, batch.MaxExportBatchSize));
        }
    }

    private static void AddMetrics(MeterProviderBuilder metrics, bool toCollector, AzureMonitorExporterOptions? azure)
    {
        metrics.AddMeter(ParleyMetrics.Name);
        if (toCollector)
        {
            metrics.AddOtlpExporter();
        }

        if (azure is not null)
        {
            var interval = new PeriodicExportingMetricReaderOptions().ExportIntervalMilliseconds ?? 60_000;
            metrics.AddReader(new PeriodicExportingMetricReader(new AzureMonitorMetricExporter(azure), interval)
            {
                TemporalityPreference = MetricReaderTemporalityPreference.Delta,
            });
        }
    }

    private static void AddLogs(LoggerProviderBuilder logs, bool toCollector, AzureMonitorExporterOptions? azure)
    {
        if (toCollector)
        {
            logs.AddOtlpExporter();
        }

        if (azure is not null)
        {
            var batch = new BatchExportLogRecordProcessorOptions();
            logs.AddProcessor(new BatchLogRecordExportProcessor(
                new AzureMonitorLogExporter(azure), batch.MaxQueueSize, batch.ScheduledDelayMilliseconds, batch.ExporterTimeoutMilliseconds, batch.MaxExportBatchSize));
        }
    }
}
