using System.Text.Json;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Logins;

/// <summary>
/// Gives a UserSig to whoever proves an identity at one of the app's login providers.
/// <code>
/// POST /client/login?sdkappid=1400000001
/// { "Provider": "corp", "IdToken": "eyJ…", "Nonce": "…" }                                                       or
/// { "Provider": "wechat", "Code": "…", "RedirectUri": "https://…", "CodeVerifier": "…", "Nonce": "…" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "Identifier": "wechat-52ab…", "UserSig": "eJw…", "Expire": 604800 }
/// </code>
/// </summary>
/// <remarks>
/// The first login of an identity makes an account, with nickname and portrait as far as the provider tells them; later ones give the same.
/// Units: Expire is in seconds.
/// Errors: 60012, 60006, 60016 the app; 70402 bad JSON or parameter, unknown provider; 70101 id_token expired; 70005 id_token or code not
/// accepted; 70398 no more accounts for the app; 70169 the provider failed; 70500 internal error. An endpoint of our own; docs/login.md explains it.
/// </remarks>
public sealed partial class Login(
    Authenticator authenticator, OpenIdConnectLogin openIdConnect, OAuth2Login oauth2, LoginAccounts accounts, TimeProvider time, ILogger<Login> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        Result<LoginResponse> result;
        try
        {
            result = await LogInAsync(http);
        }
        catch (ProviderException e)
        {
            ProviderFailed(logger, e.Message);
            result = ApiError.ProviderSilent;
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            LoginFailed(logger, e);
            result = ApiError.AccountInternal;
        }

        var answer = result.TryGet(out var response, out var error) ? response : LoginResponse.Refuse(error);
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, answer, ParleyJson.Wire.LoginResponse, http.RequestAborted);
    }

    private async Task<Result<LoginResponse>> LogInAsync(HttpContext http)
    {
        var cancellation = http.RequestAborted;
        if (!(await authenticator.FindAppAsync(http.Request.Query, cancellation)).TryGet(out var app, out var unknown))
        {
            return unknown;
        }

        if (!(await ReadRequestAsync(http)).TryGet(out var request, out var wrong))
        {
            return wrong;
        }

        if (app.LoginProviders.FirstOrDefault(known => known.Name == request.Provider) is not { } provider)
        {
            return ApiError.AccountParameter.In("Provider");
        }

        if (!(await ProveAsync(provider, request, cancellation)).TryGet(out var proven, out var refused))
        {
            return refused;
        }

        var identity = new LoginIdentity(app.SdkAppId, provider.Name, proven.Subject);
        var found = await accounts.FindOrMakeAsync(app, provider, identity, proven.ReadProfileAsync, cancellation);
        return found.TryGet(out var account, out var full) ? Admit(app, account.Account) : full;
    }

    private static async Task<Result<LoginRequest>> ReadRequestAsync(HttpContext http)
    {
        var body = await RequestBody.ReadAsync(http.Request.BodyReader, CommandDispatcher.MaxBodyBytes, http.RequestAborted);
        using var json = body is null ? null : JsonBody.TryParseObject(body);
        if (json is null)
        {
            return ApiError.AccountParameter;
        }

        var fields = new FieldReader(json.RootElement);
        var request = LoginRequest.Read(fields);
        return fields.Error is { } wrong ? wrong : request;
    }

    private Task<Result<ProvenIdentity>> ProveAsync(LoginProvider provider, LoginRequest request, CancellationToken cancellation) => provider.Kind switch
    {
        LoginProviderKind.OpenIdConnect => openIdConnect.ProveAsync(provider, request, cancellation),
        _ when request.Code is null => Task.FromResult<Result<ProvenIdentity>>(ApiError.AccountParameter.In("Code")),
        _ => oauth2.ProveAsync(provider, request, cancellation),
    };

    private LoginResponse Admit(App app, string account) => new()
    {
        Identifier = account,
        UserSig = UserSig.Sign(account, app.SdkAppId, app.Secrets[0], time.GetUtcNow(), TimeSpan.FromSeconds(app.UserSigSeconds)),
        Expire = app.UserSigSeconds,
    };

    [LoggerMessage(EventId = 8203, Level = LogLevel.Warning, Message = "A login provider failed: {Reason}")]
    private static partial void ProviderFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 8204, Level = LogLevel.Error, Message = "A login failed")]
    private static partial void LoginFailed(ILogger logger, Exception exception);
}

public sealed record LoginRequest(string Provider, string? IdToken, string? Code, string? RedirectUri, string? CodeVerifier, string? Nonce)
    : IRequest<LoginRequest>
{
    public static LoginRequest Read(FieldReader fields)
    {
        var request = new LoginRequest(
            fields.Text("Provider", ApiError.AccountParameter),
            fields.OptionalText("IdToken", ApiError.AccountParameter),
            fields.OptionalText("Code", ApiError.AccountParameter),
            fields.OptionalText("RedirectUri", ApiError.AccountParameter),
            fields.OptionalText("CodeVerifier", ApiError.AccountParameter),
            fields.OptionalText("Nonce", ApiError.AccountParameter));
        if (string.IsNullOrEmpty(request.IdToken ?? request.Code) || (request.IdToken is not null && request.Code is not null))
        {
            fields.Fail(ApiError.AccountParameter.In("Either IdToken or Code"));
        }

        return request;
    }
}

public sealed record LoginResponse : Envelope
{
    public string? Identifier { get; init; }

    public string? UserSig { get; init; }

    public int? Expire { get; init; }

    public static LoginResponse Refuse(ApiError error) => new() { ActionStatus = "FAIL", ErrorCode = error.Code, ErrorInfo = error.Info };
}
