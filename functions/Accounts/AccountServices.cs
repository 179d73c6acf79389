using Parley.Rest;

namespace Parley.Accounts;

public static class AccountServices
{
    private const string Service = "im_open_login_svc";

    public static IServiceCollection AddAccounts(this IServiceCollection services) => services
        .AddSingleton<AccountTable>().AddSingleton<AccountDirectory>()
        .AddSingleton<ImportAccount>().AddSingleton<ImportAccounts>().AddSingleton<CheckAccounts>();

    public static CommandRegistry MapAccounts(this CommandRegistry commands) => commands
        .Map<ImportAccount, ImportAccountRequest, Envelope>(Service, "account_import", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<ImportAccounts, ImportAccountsRequest, ImportAccountsResponse>(
            Service, "multiaccount_import", Callers.Admins, ParleyJson.Wire.ImportAccountsResponse)
        .Map<CheckAccounts, CheckAccountsRequest, CheckAccountsResponse>(Service, "account_check", Callers.Admins, ParleyJson.Wire.CheckAccountsResponse);
}
