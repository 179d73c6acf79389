using Parley.Rest;

namespace Parley.Profiles;

public static class ProfileServices
{
    private const string Service = "profile";

    public static IServiceCollection AddProfiles(this IServiceCollection services) => services
        .AddSingleton<ProfileTable>().AddSingleton<ProfileAnnouncement>().AddSingleton<GetProfiles>().AddSingleton<SetProfile>();

    public static CommandRegistry MapProfiles(this CommandRegistry commands) => commands
        .Map<GetProfiles, GetProfilesRequest, GetProfilesResponse>(Service, "portrait_get", Callers.Everyone, ParleyJson.Wire.GetProfilesResponse)
        .Map<SetProfile, SetProfileRequest, DisplayEnvelope>(Service, "portrait_set", Callers.Everyone, ParleyJson.Wire.DisplayEnvelope);
}
