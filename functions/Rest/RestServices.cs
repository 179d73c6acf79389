using System.Diagnostics;
using Parley.Telemetry;

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

    /// <summary>Maps a POST route to a method of a service; the method is resolved at each call. Each call is a span of the caller's trace.</summary>
    public static void MapFunction<TService>(this IEndpointRouteBuilder routes, string route, Func<TService, HttpContext, Task> handle)
        where TService : class =>
        routes.MapPost(route, (RequestDelegate)(http => RunAsync(route, http, () => handle(http.RequestServices.GetRequiredService<TService>(), http))));

    private static async Task RunAsync(string route, HttpContext http, Func<Task> handle)
    {
        var began = Stopwatch.GetTimestamp();
        using var span = ParleyTracing.StartFunction(route, http.Request.Headers.TraceParent);
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            await handle();
            status = http.Response.StatusCode;
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            ParleyTracing.Fail(e);
            throw;
        }
        finally
        {
            span?.SetTag("http.response.status_code", status).SetStatus(status >= StatusCodes.Status500InternalServerError ? ActivityStatusCode.Error : span.Status);
            http.RequestServices.GetRequiredService<ParleyMetrics>().FunctionCalled(route, status, Stopwatch.GetElapsedTime(began));
        }
    }
}
