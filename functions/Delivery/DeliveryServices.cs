using Microsoft.Extensions.Options;
using Parley.Delivery.ServiceBus;

namespace Parley.Delivery;

public static class DeliveryServices
{
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddOptions<SignalROptions>().BindConfiguration("SignalR").ValidateOnStart()
            .Validate(static options => options.IsComplete, "Set SignalR:ConnectionString, or SignalR:Endpoint (https) with UpstreamIssuer, UpstreamAudience and UpstreamPrincipal.");
        services.AddSingleton<IValidateOptions<SignalROptions>, SignalROptionsValidator>();
        services.AddSingleton<SignalREndpoint>().AddSingleton<SignalRToken>().AddSingleton<SignalRIdentity>().AddSingleton<SignalRClient>();
        services.AddSingleton<ISignalRAuthorization>(provider => provider.GetRequiredService<SignalREndpoint>().AccessKey is null
            ? provider.GetRequiredService<SignalRIdentity>()
            : provider.GetRequiredService<SignalRToken>());
        services.AddWorkQueue();
        services.AddSingleton<Outbox>().AddHostedService(provider => provider.GetRequiredService<Outbox>());
        return services;
    }

    private static void AddWorkQueue(this IServiceCollection services)
    {
        services.AddOptions<WorkQueueOptions>().BindConfiguration("WorkQueue").ValidateOnStart();
        services.AddSingleton<IValidateOptions<WorkQueueOptions>, WorkQueueOptionsValidator>();
        services.AddOptions<ServiceBusOptions>().BindConfiguration("ServiceBus").ValidateOnStart()
            .Validate<IOptions<WorkQueueOptions>>(
                static (bus, work) => work.Value.Kind != WorkQueueKind.ServiceBus || BusAddress.TryParse(bus, out _),
                "WorkQueue:Kind is ServiceBus: set ServiceBus:Namespace or ServiceBus:ConnectionString.");
        services.AddSingleton<IValidateOptions<ServiceBusOptions>, ServiceBusOptionsValidator>();
        services.AddSingleton<StorageWorkQueue>().AddSingleton<ServiceBusWorkQueue>();
        services.AddSingleton<IWorkQueue>(provider => new TracedWorkQueue(QueueOf(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<DeadLetterTable>().AddSingleton<PoisonMessages>().AddSingleton<WorkJobTelemetry>().AddSingleton<JobAttempts>().AddSingleton<DeliverFunction>();
    }

    private static IWorkQueue QueueOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<WorkQueueOptions>>().Value.Kind == WorkQueueKind.ServiceBus
        ? provider.GetRequiredService<ServiceBusWorkQueue>()
        : provider.GetRequiredService<StorageWorkQueue>();
}
