using Parley.Rest;

namespace Parley.Statistics;

public static class StatisticsServices
{
    public static IServiceCollection AddStatistics(this IServiceCollection services) => services
        .AddSingleton<DailyStatistics>().AddSingleton<StatisticsTable>().AddSingleton<StatisticsSweep>().AddSingleton<GetAppInfo>()
        .AddSingleton<StatisticsWriter>().AddHostedService(provider => provider.GetRequiredService<StatisticsWriter>());

    public static CommandRegistry MapStatistics(this CommandRegistry commands) => commands
        .Map<GetAppInfo, GetAppInfoRequest, AppInfoResponse>("openconfigsvr", "getappinfo", Callers.Admins, ParleyJson.Wire.AppInfoResponse);
}
