using Parley.Connections.Invocations;

namespace Parley.Connections;

public static class ConnectionServices
{
    public static IServiceCollection AddClientConnections(this IServiceCollection services) => services
        .AddSingleton<ConnectionTable>()
        .AddSingleton<Negotiate>()
        .AddSingleton<ConnectionEvents>()
        .AddSingleton<ClientInvocations>()
        .AddSingleton<Upstream>();
}
