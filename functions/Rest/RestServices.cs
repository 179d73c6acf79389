namespace Parley.Rest;

public static class RestServices
{
    /// <param name="map">Registers every feature's commands.</param>
    public static IServiceCollection AddRest(this IServiceCollection services, Action<CommandRegistry> map)
    {
        services.AddSingleton(provider =>
        {
            var commands = new CommandRegistry(provider);
            map(commands);
            return commands;
        });
        return services.AddSingleton<Authenticator>().AddSingleton<CommandDispatcher>().AddSingleton<CommandEndpoint>();
    }

    /// <summary>Maps a POST route to a method of a service; the method is resolved at each call.</summary>
    public static void MapFunction<TService>(this IEndpointRouteBuilder routes, string route, Func<TService, HttpContext, Task> handle)
        where TService : class =>
        routes.MapPost(route, (RequestDelegate)(http => handle(http.RequestServices.GetRequiredService<TService>(), http)));
}
