using Parley.Rest;
using Parley.Tasks;

namespace Parley.Privacy;

public static class PrivacyServices
{
    private const string Service = "im_open_login_svc";

    public static IServiceCollection AddPrivacy(this IServiceCollection services) => services
        .AddSingleton<AccountTraces>().AddSingleton<ErasedConversations>().AddSingleton<ErasedEvents>().AddSingleton<ErasedGroups>().AddSingleton<ErasedRest>()
        .AddSingleton<ITaskKind, AccountExport>().AddSingleton<ITaskKind, AccountErasure>()
        .AddSingleton<ExportAccount>().AddSingleton<EraseAccount>();

    public static CommandRegistry MapPrivacy(this CommandRegistry commands) => commands
        .Map<ExportAccount, AccountRequest, StartTaskResponse>(Service, "export_account", Callers.Admins, ParleyJson.Wire.StartTaskResponse)
        .Map<EraseAccount, AccountRequest, StartTaskResponse>(Service, "erase_account", Callers.Admins, ParleyJson.Wire.StartTaskResponse);
}
