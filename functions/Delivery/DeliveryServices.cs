using Microsoft.Extensions.Options;

namespace Parley.Delivery;

public static class DeliveryServices
{
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddOptions<SignalROptions>().BindConfiguration("SignalR").ValidateOnStart();
        services.AddSingleton<IValidateOptions<SignalROptions>, SignalROptionsValidator>();
        services.AddSingleton<SignalREndpoint>().AddSingleton<SignalRToken>().AddSingleton<SignalRClient>();
        services.AddSingleton<IWorkQueue, StorageWorkQueue>().AddSingleton<DeadLetterTable>().AddSingleton<WorkJobTelemetry>().AddSingleton<DeliverFunction>();
        services.AddSingleton<Outbox>().AddHostedService(provider => provider.GetRequiredService<Outbox>());
        return services;
    }
}
