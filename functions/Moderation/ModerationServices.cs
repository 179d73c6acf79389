using Parley.Rest;

namespace Parley.Moderation;

public static class ModerationServices
{
    private const string Service = "openim_dirty_words";

    public static IServiceCollection AddModeration(this IServiceCollection services) => services
        .AddSingleton<DirtyWordTable>().AddSingleton<DirtyWords>()
        .AddSingleton<GetDirtyWords>().AddSingleton<AddDirtyWords>().AddSingleton<DeleteDirtyWords>();

    public static CommandRegistry MapModeration(this CommandRegistry commands) => commands
        .Map<GetDirtyWords, GetDirtyWordsRequest, DirtyWordsResponse>(Service, "get", Callers.Admins, ParleyJson.Wire.DirtyWordsResponse)
        .Map<AddDirtyWords, DirtyWordsRequest, Envelope>(Service, "add", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<DeleteDirtyWords, DirtyWordsRequest, Envelope>(Service, "delete", Callers.Admins, ParleyJson.Wire.Envelope);
}
