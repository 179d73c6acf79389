namespace Parley.Maintenance;

public static class MaintenanceServices
{
    public static IServiceCollection AddMaintenance(this IServiceCollection services) =>
        services.AddSingleton<Sweep>().AddSingleton<TimerFunction>();
}
