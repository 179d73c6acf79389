using Parley.Rest;

namespace Parley.Settings;

public static class SettingServices
{
    private const string Service = "openconfigsvr";

    public static IServiceCollection AddSettings(this IServiceCollection services) =>
        services.AddSingleton<GetAppSettings>().AddSingleton<SetAppSettings>().AddSingleton<GetAddresses>();

    public static CommandRegistry MapSettings(this CommandRegistry commands) => commands
        .Map<GetAppSettings, GetAppSettingsRequest, AppSettingsResponse>(
            Service, "get_app_settings", Callers.Admins, ParleyJson.Wire.AppSettingsResponse)
        .Map<SetAppSettings, SetAppSettingsRequest, AppSettingsResponse>(
            Service, "set_app_settings", Callers.Admins, ParleyJson.Wire.AppSettingsResponse)
        .Map<GetAddresses, GetAddressesRequest, AddressesResponse>("ConfigSvc", "GetIPList", Callers.Admins, ParleyJson.Wire.AddressesResponse);
}
