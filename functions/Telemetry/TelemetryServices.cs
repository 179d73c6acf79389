using Microsoft.Extensions.Options;

namespace Parley.Telemetry;

public static class TelemetryServices
{
    /// <summary>Metrics and settings; nothing is exported yet.</summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        services.AddOptions<TelemetryOptions>().BindConfiguration("Telemetry").ValidateOnStart();
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        return services.AddMetrics().AddSingleton<ParleyMetrics>();
    }
}
