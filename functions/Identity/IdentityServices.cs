namespace Parley.Identity;

public static class IdentityServices
{
    public static IServiceCollection AddIdentity(this IServiceCollection services) =>
        services.AddSingleton(provider => new AppIdentity(provider.GetRequiredService<IConfiguration>()));
}
