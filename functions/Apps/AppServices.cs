namespace Parley.Apps;

public static class AppServices
{
    public static IServiceCollection AddApps(this IServiceCollection services)
    {
        services.AddOptions<BootstrapOptions>().BindConfiguration("Bootstrap");
        return services.AddSingleton<AppTable>().AddSingleton<AppDirectory>();
    }
}
