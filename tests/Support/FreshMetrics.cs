using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Parley.Telemetry;

namespace Parley.Tests.Support;

/// <summary>Metrics that nobody else counts with.</summary>
internal static class FreshMetrics
{
    public static ParleyMetrics Create() => new(NewMeters());

    public static IMeterFactory NewMeters() => new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
}
