using Azure.Data.Tables;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Health;

public static class HealthServices
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] Keys = ["PartitionKey"];

    public static IServiceCollection AddHealth(this IServiceCollection services) => services.AddSingleton(provider =>
    {
        var (tables, signalR, time) = (provider.GetRequiredService<TableStore>(), provider.GetRequiredService<SignalRClient>(), provider.GetRequiredService<TimeProvider>());
        return new HealthFunction(new ServiceCheck(token => ReadAsync(tables, token), time), new ServiceCheck(signalR.CheckHealthAsync, time), time);
    });

    /// <summary>Maps the function <c>health</c>.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes) => routes.MapMethods(
        "/health", Methods, (RequestDelegate)(http => http.RequestServices.GetRequiredService<HealthFunction>().HandleAsync(http)));

    // A row that is not there answers as well as one that is.
    private static async Task ReadAsync(TableStore tables, CancellationToken cancellation) =>
        await tables.Apps.GetEntityIfExistsAsync<TableEntity>("health", "health", Keys, cancellation);
}
