using Parley.Accounts;
using Parley.Rest;

namespace Parley.Logins;

public static class LoginServices
{
    private const string Service = "im_open_login_svc";

    public static IServiceCollection AddLogins(this IServiceCollection services) => services
        .AddSingleton<ProviderHttp>().AddSingleton<OpenIdConfigurations>().AddSingleton<TokenVerifier>().AddSingleton<IdTokenValidator>()
        .AddSingleton<OpenIdConnectLogin>().AddSingleton<OAuth2Login>()
        .AddSingleton<IdentityMarks>().AddSingleton<LoginTable>().AddSingleton<IAccountBelonging>(provider => provider.GetRequiredService<LoginTable>()).AddSingleton<LoginAccounts>().AddSingleton<Login>()
        .AddSingleton<BindIdentity>().AddSingleton<UnbindIdentity>().AddSingleton<GetIdentities>();

    public static CommandRegistry MapLogins(this CommandRegistry commands) => commands
        .Map<BindIdentity, IdentityRequest, Envelope>(Service, "bind_identity", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<UnbindIdentity, IdentityRequest, Envelope>(Service, "unbind_identity", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<GetIdentities, GetIdentitiesRequest, IdentitiesResponse>(Service, "get_identities", Callers.Admins, ParleyJson.Wire.IdentitiesResponse);
}
