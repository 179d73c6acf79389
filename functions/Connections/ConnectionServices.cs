using Parley.Accounts;
using Parley.Connections.Guests;
using Parley.Connections.Invocations;
using Parley.Delivery;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Connections;

public static class ConnectionServices
{
    private const string Login = "im_open_login_svc";
    private const string Messages = "openim";

    public static IServiceCollection AddClientConnections(this IServiceCollection services) => services
        .AddSingleton<StateCallbacks>().AddSingleton<ConnectionTable>().AddSingleton<ConnectionEnding>().AddSingleton<ConnectionEvents>().AddSingleton<Presence>()
        .AddSingleton<IAccountBelonging>(provider => provider.GetRequiredService<ConnectionEnding>())
        .AddSingleton<ISweptRows, SilentConnections>().AddSingleton<ISweptRows, ExpiredPush>()
        .AddSingleton<KickAccount>().AddSingleton<Logout>().AddSingleton<QueryOnlineStatus>()
        .AddSingleton<GuestAdmission>().AddSingleton<Negotiate>().AddSingleton<ClientInvocations>().AddSingleton<Upstream>()
        .AddSingleton<UpstreamSignature>().AddSingleton<UpstreamToken>()
        .AddSingleton<IUpstreamProof>(provider => provider.GetRequiredService<SignalREndpoint>().AccessKey is null
            ? provider.GetRequiredService<UpstreamToken>()
            : provider.GetRequiredService<UpstreamSignature>());

    public static CommandRegistry MapClientConnections(this CommandRegistry commands) => commands
        .Map<KickAccount, KickAccountRequest, Envelope>(Login, "kick", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<Logout, LogoutRequest, Envelope>(Login, "logout", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<QueryOnlineStatus, QueryOnlineStatusRequest, QueryOnlineStatusResponse>(
            Messages, "query_online_status", Callers.Everyone, ParleyJson.Wire.QueryOnlineStatusResponse)
        .Map<QueryOnlineStatus, QueryOnlineStatusRequest, QueryOnlineStatusResponse>(
            Messages, "querystate", Callers.Everyone, ParleyJson.Wire.QueryOnlineStatusResponse);
}
