using System.Text.Json;
using Parley.Accounts;
using Parley.Delivery;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>
/// Tells a client where to connect, and gives it the token for that.
/// <code>
/// POST /client/negotiate?sdkappid=1400000001&amp;identifier=alice&amp;usersig=…&amp;platform=iPhone
/// → { "url": "https://NAME.service.signalr.net/client/?hub=parley_1400000001", "accessToken": "…" }
/// </code>
/// </summary>
/// <remarks>
/// A first login imports the account, as in the original's SDK. Units: the token lives an hour; it is needed to connect, not to stay connected.
/// Whether the account was kicked is read from the table each time, not from memory.
/// Errors: those of a UserSig, 70398 no more accounts, in the API's envelope and, for official SignalR clients, in the field <c>error</c> that they report.
/// </remarks>
public sealed class Negotiate(Authenticator authenticator, AccountDirectory accounts, SignalREndpoint endpoint, SignalRToken tokens)
{
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);

    public async Task HandleAsync(HttpContext http)
    {
        var authenticated = await authenticator.AuthenticateAsync(http.Request.Query, http.RequestAborted);
        var answer = authenticated.TryGet(out var caller, out var error)
            ? await AdmitAsync(caller, Platform.Parse(http.Request.Query["platform"]), http.RequestAborted)
            : NegotiateResponse.Refuse(error);
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, answer, ParleyJson.Wire.NegotiateResponse, http.RequestAborted);
    }

    private async Task<NegotiateResponse> AdmitAsync(Caller caller, Platform platform, CancellationToken cancellation)
    {
        var account = new AccountKey(caller.App.SdkAppId, caller.Account);
        var state = await accounts.ReadAsync(account, cancellation);
        if (caller.SignedAt < state.KickedAt)
        {
            return NegotiateResponse.Refuse(ApiError.SigRevoked);
        }

        if (!state.Exists && (await accounts.TryImportAsync(caller.App, caller.Account, null, null, cancellation)).Error is { } error)
        {
            return NegotiateResponse.Refuse(error);
        }

        var token = tokens.Create(
            endpoint.ClientAudience(account.SdkAppId),
            TokenLifetime,
            [("asrs.s.uid", account.SignalRUser), ("nameid", account.SignalRUser), .. new ConnectionClaims(platform, caller.SignedAt).ToToken()]);
        return new NegotiateResponse { Url = endpoint.ClientUrl(account.SdkAppId), AccessToken = token };
    }
}
