using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Parley.Telemetry;

/// <summary>What is exported, where an exporter is configured. Section <c>Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    /// <summary>The share of traces that are recorded, from 0 to 1. Of the others, only the outermost spans of failures are.</summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; set; } = 1;
}

[OptionsValidator]
public sealed partial class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>;
