using Azure.Data.Tables;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Health;

public static class HealthServices
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] Keys = ["PartitionKey"];

    /// <summary>Of a further storage account that answers. The platform does nothing about a lost one, and there may be many.</summary>
    private static readonly TimeSpan FurtherInterval = TimeSpan.FromMinutes(1);

    public static IServiceCollection AddHealth(this IServiceCollection services) => services.AddSingleton(provider =>
    {
        var (tables, signalR, time) = (provider.GetRequiredService<TableStore>(), provider.GetRequiredService<SignalRClient>(), provider.GetRequiredService<TimeProvider>());
        ServiceCheck[] storage =
        [
            new(token => ReadAsync(tables.Apps, token), time),
            .. tables.Accounts.Shards.Skip(1).Select(table => new ServiceCheck(token => ReadAsync(table, token), time, FurtherInterval)),
        ];
        return new HealthFunction(storage, new ServiceCheck(signalR.CheckHealthAsync, time), time);
    });

    /// <summary>Maps the function <c>health</c>.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes) => routes.MapMethods(
        "/health", Methods, (RequestDelegate)(http => http.RequestServices.GetRequiredService<HealthFunction>().HandleAsync(http)));

    // A row that is not there answers as well as one that is.
    private static async Task ReadAsync(TableClient table, CancellationToken cancellation) =>
        await table.GetEntityIfExistsAsync<TableEntity>("health", "health", Keys, cancellation);
}
