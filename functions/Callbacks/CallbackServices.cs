using Microsoft.Extensions.Options;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Callbacks;

public static class CallbackServices
{
    private const string Service = "openconfigsvr";

    public static IServiceCollection AddCallbacks(this IServiceCollection services)
    {
        services.AddOptions<CallbacksOptions>().BindConfiguration("Callbacks").ValidateOnStart();
        services.AddSingleton<IValidateOptions<CallbacksOptions>, CallbacksOptionsValidator>();
        services.AddSingleton<CallbackAddresses>().AddSingleton<CallbackClient>().AddSingleton<CallbackCircuits>();
        services.AddSingleton<BeforeCallbacks>().AddSingleton<AfterCallbacks>().AddSingleton<CallbackStreams>();
        services.AddSingleton<CallbackWakeups>().AddHostedService(provider => provider.GetRequiredService<CallbackWakeups>());
        services.AddSingleton<DeadCallbacks>().AddSingleton<CallbackSender>().AddSingleton<CallbackLag>().AddSingleton<CallbackDrain>().AddSingleton<CallbackFunction>();
        services.AddSingleton<CallbackRecord>().AddSingleton<GetCallbackStatistics>().AddSingleton<GetDeadCallbacks>().AddSingleton<RedeliverCallbacks>();
        foreach (var table in (string[])[TableNames.Accounts, TableNames.Groups])
        {
            services.AddSingleton<ISweptRows>(provider => new WaitingCallbacks(table, provider.GetRequiredService<CallbackWakeups>()));
        }

        return services;
    }

    public static CommandRegistry MapCallbacks(this CommandRegistry commands) => commands
        .Map<GetCallbackStatistics, CallbackStatisticsRequest, CallbackStatisticsResponse>(
            Service, "get_callback_statistics", Callers.Admins, ParleyJson.Wire.CallbackStatisticsResponse)
        .Map<GetDeadCallbacks, GetDeadCallbacksRequest, DeadCallbacksResponse>(Service, "get_dead_callbacks", Callers.Admins, ParleyJson.Wire.DeadCallbacksResponse)
        .Map<RedeliverCallbacks, RedeliverCallbacksRequest, RedeliverCallbacksResponse>(
            Service, "redeliver_callbacks", Callers.Admins, ParleyJson.Wire.RedeliverCallbacksResponse);
}
