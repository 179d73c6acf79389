using System.Text.Json;
using Parley.Accounts;
using Parley.Connections.Guests;
using Parley.Delivery;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>
/// Tells a client where to connect, and gives it the token for that.
/// <code>
/// POST /client/negotiate?sdkappid=1400000001&amp;identifier=alice&amp;usersig=…&amp;platform=iPhone
/// POST /client/negotiate?sdkappid=1400000001&amp;guest=1
/// → { "url": "https://NAME.service.signalr.net/client/?hub=parley_1400000001", "accessToken": "…" }
/// </code>
/// </summary>
/// <remarks>
/// A first login imports the account, as in the original's SDK. Units: the token lives an hour, or half an hour at least; it is needed to connect, not to stay connected.
/// Whether the account was kicked is read from the table each time, not from memory.
/// Errors: those of a UserSig, 70398 no more accounts, 60011 too many guests, 60008 SignalR gives no key for the token, in the API's envelope and, for official SignalR clients, in the field <c>error</c> that they report.
/// </remarks>
public sealed class Negotiate(
    Authenticator authenticator, AccountDirectory accounts, GuestAdmission guests, SignalREndpoint endpoint, ISignalRAuthorization tokens)
{
    public async Task HandleAsync(HttpContext http)
    {
        var answer = await AdmitAsync(http);
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, answer, ParleyJson.Wire.NegotiateResponse, http.RequestAborted);
    }

    private async Task<NegotiateResponse> AdmitAsync(HttpContext http)
    {
        try
        {
            return http.Request.Query["guest"] == "1" ? await AdmitGuestAsync(http) : await AdmitAccountAsync(http);
        }
        catch (HttpRequestException)
        {
            // SignalR lends no key for a token now; why is in the log.
            return NegotiateResponse.Refuse(ApiError.AccessInternal);
        }
    }

    private async Task<NegotiateResponse> AdmitGuestAsync(HttpContext http) =>
        !(await authenticator.FindAppAsync(http.Request.Query, http.RequestAborted)).TryGet(out var app, out var unknown) ? NegotiateResponse.Refuse(unknown)
        : guests.Refuse(app) is { } refusal ? NegotiateResponse.Refuse(refusal)
        : await AnswerAsync(app.SdkAppId, GuestKey.NewSignalRUser(app.SdkAppId), [], http.RequestAborted);

    private async Task<NegotiateResponse> AdmitAccountAsync(HttpContext http)
    {
        var authenticated = await authenticator.AuthenticateAsync(http.Request.Query, http.RequestAborted);
        return authenticated.TryGet(out var caller, out var error)
            ? await AdmitAsync(caller, Platform.Parse(http.Request.Query["platform"]), CallOrigin.AddressOf(http), http.RequestAborted)
            : NegotiateResponse.Refuse(error);
    }

    private async Task<NegotiateResponse> AdmitAsync(Caller caller, Platform platform, string address, CancellationToken cancellation)
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

        return await AnswerAsync(account.SdkAppId, account.SignalRUser, new ConnectionClaims(platform, caller.SignedAt) { Address = address }.ToToken(), cancellation);
    }

    private async Task<NegotiateResponse> AnswerAsync(uint sdkAppId, string user, (string Name, string Value)[] claims, CancellationToken cancellation)
    {
        var token = await tokens.TokenForClientAsync(endpoint.ClientAudience(sdkAppId), [("asrs.s.uid", user), ("nameid", user), .. claims], cancellation);
        return new NegotiateResponse { Url = endpoint.ClientUrl(sdkAppId), AccessToken = token };
    }
}
