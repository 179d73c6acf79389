namespace Parley.Connections;

public static class ConnectionServices
{
    public static IServiceCollection AddClientConnections(this IServiceCollection services) =>
        services.AddSingleton<ConnectionTable>().AddSingleton<Negotiate>().AddSingleton<Upstream>();
}
