using Microsoft.Extensions.Options;

namespace Parley.Maintenance;

public static class MaintenanceServices
{
    public static IServiceCollection AddMaintenance(this IServiceCollection services)
    {
        services.AddOptions<RetentionOptions>().BindConfiguration("Retention").ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        return services.AddSingleton<Sweep>().AddSingleton<RetentionSweep>().AddSingleton<TimerFunction>();
    }
}
