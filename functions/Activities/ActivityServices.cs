namespace Parley.Activities;

public static class ActivityServices
{
    public static IServiceCollection AddActivity(this IServiceCollection services) => services.AddSingleton<ActiveHours>();
}
