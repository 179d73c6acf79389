using Parley.Rest;
using Parley.Storage;

namespace Parley.Accounts;

public static class AccountServices
{
    private const string Service = "im_open_login_svc";
    private const string Configuration = "openconfigsvr";

    public static IServiceCollection AddAccounts(this IServiceCollection services) => services
        .AddSingleton<AccountTable>().AddSingleton<DeletedAccounts>().AddSingleton<AccountQuota>().AddSingleton<AccountDeletion>().AddSingleton<AccountDirectory>()
        .AddSingleton<IRevocations>(provider => provider.GetRequiredService<AccountDirectory>())
        .AddSingleton<IAccountBelonging>(provider => provider.GetRequiredService<AccountQuota>())
        .AddSingleton<ISweptRows, BrokenDeletions>()
        .AddSingleton<ImportAccount>().AddSingleton<ImportAccounts>().AddSingleton<CheckAccounts>().AddSingleton<DeleteAccounts>()
        .AddSingleton<RegisterAccount>().AddSingleton<SetMute>().AddSingleton<GetMute>();

    public static CommandRegistry MapAccounts(this CommandRegistry commands) => commands
        .Map<ImportAccount, ImportAccountRequest, Envelope>(Service, "account_import", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<ImportAccounts, ImportAccountsRequest, ImportAccountsResponse>(
            Service, "multiaccount_import", Callers.Admins, ParleyJson.Wire.ImportAccountsResponse)
        .Map<CheckAccounts, CheckAccountsRequest, CheckAccountsResponse>(Service, "account_check", Callers.Admins, ParleyJson.Wire.CheckAccountsResponse)
        .Map<DeleteAccounts, DeleteAccountsRequest, DeleteAccountsResponse>(
            Service, "account_delete", Callers.Admins, ParleyJson.Wire.DeleteAccountsResponse)
        .Map<RegisterAccount, RegisterAccountRequest, Envelope>("registration_service", "register_account_v1", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<SetMute, SetMuteRequest, Envelope>(Configuration, "setnospeaking", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<GetMute, GetMuteRequest, GetMuteResponse>(Configuration, "getnospeaking", Callers.Admins, ParleyJson.Wire.GetMuteResponse);
}
