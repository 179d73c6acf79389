using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Parley.Local.Identity;

/// <summary>
/// A stand-in for the identity endpoint of App Service on a loopback port, and for the issuer behind it.
/// <code>
/// GET {IDENTITY_ENDPOINT}?api-version=2019-08-01&amp;resource=https://storage.azure.com&amp;client_id=…   X-IDENTITY-HEADER: {IDENTITY_HEADER}
/// → { "access_token": "eyJ…", "expires_on": "1795472046", "resource": "https://storage.azure.com", "token_type": "Bearer", "client_id": "…" }
/// </code>
/// </summary>
/// <remarks>
/// Tokens are RS256 and say what Entra's say: iss, aud, oid, appid, tid, times. Their issuer is written as Entra writes it; since nobody can look that up on this
/// computer, <see cref="Issue"/> also makes tokens of an issuer whose metadata are at this server. Source: "How to use managed identities for App Service", REST endpoint reference.
/// </remarks>
public sealed class IdentityEndpointEmulator : IAsyncDisposable
{
    private const string ApiVersion = "2019-08-01";

    private readonly WebApplication _app;
    private readonly IdentityEndpointOptions _options;
    private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };
    private readonly ConcurrentDictionary<string, int> _requests = new(StringComparer.Ordinal);
    private readonly string _tenant = Guid.NewGuid().ToString();

    private IdentityEndpointEmulator(WebApplication app, IdentityEndpointOptions options)
    {
        (_app, _options) = (app, options);
        Trust = new EntraTrust($"https://sts.windows.net/{_tenant}/", _key);
    }

    /// <summary>For the stand-ins of the services that are to believe the tokens.</summary>
    public EntraTrust Trust { get; }

    /// <summary>The issuer whose metadata can be read here.</summary>
    public string LocalIssuer => $"{_app.Urls.Single()}/";

    /// <summary>Object id of the identity.</summary>
    public string PrincipalId { get; } = Guid.NewGuid().ToString();

    /// <summary>What App Service sets in the environment of an app with an identity.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["IDENTITY_ENDPOINT"] = $"{_app.Urls.Single()}/msi/token",
        ["IDENTITY_HEADER"] = Header,
        ["AZURE_CLIENT_ID"] = _options.ClientId,
    };

    private string Header { get; } = RandomNumberGenerator.GetHexString(32);

    public static async Task<IdentityEndpointEmulator> StartAsync(IdentityEndpointOptions options, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton(loggers).AddRouting();
        var app = builder.Build();
        var emulator = new IdentityEndpointEmulator(app, options);
        app.UseRouting();
        app.MapGet("/msi/token", emulator.TokenAsync);
        app.MapGet("/.well-known/openid-configuration", emulator.DiscoveryAsync);
        app.MapGet("/keys", emulator.KeysAsync);
        await app.StartAsync(cancellation);
        return emulator;
    }

    /// <summary>How many tokens for a resource were asked for.</summary>
    public int RequestsFor(string resource) => _requests.GetValueOrDefault(resource);

    /// <summary>Makes a token of the identity, or what <paramref name="change"/> makes of it.</summary>
    /// <param name="issuer">Entra's if not given.</param>
    public string Issue(string audience, string? issuer = null, Action<Dictionary<string, object>>? change = null)
    {
        var now = _options.Time.GetUtcNow();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = issuer ?? Trust.Issuer,
            ["aud"] = audience,
            ["oid"] = PrincipalId,
            ["sub"] = PrincipalId,
            ["appid"] = _options.ClientId,
            ["tid"] = _tenant,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + _options.TokenLifetime).ToUnixTimeSeconds(),
        };
        change?.Invoke(claims);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }
            .CreateToken(JsonSerializer.Serialize(claims), new SigningCredentials(_key, SecurityAlgorithms.RsaSha256));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _key.Rsa.Dispose();
    }

    private Task TokenAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var resource = query["resource"].ToString();
        if (http.Request.Headers["X-IDENTITY-HEADER"] != Header)
        {
            return RefuseAsync(http, StatusCodes.Status401Unauthorized, "The header X-IDENTITY-HEADER is not that of this app.");
        }

        if (query["api-version"] != ApiVersion || resource.Length == 0 || query["client_id"] != _options.ClientId)
        {
            return RefuseAsync(http, StatusCodes.Status400BadRequest, $"Wanted: api-version {ApiVersion}, a resource, and the client id of an identity of this app.");
        }

        _requests.AddOrUpdate(resource, 1, (_, count) => count + 1);
        return WriteAsync(http, new JsonObject
        {
            ["access_token"] = Issue(resource),
            ["expires_on"] = (_options.Time.GetUtcNow() + _options.TokenLifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["resource"] = resource,
            ["token_type"] = "Bearer",
            ["client_id"] = _options.ClientId,
        });
    }

    private Task DiscoveryAsync(HttpContext http) => WriteAsync(http, new JsonObject
    {
        ["issuer"] = LocalIssuer,
        ["jwks_uri"] = $"{LocalIssuer}keys",
        ["token_endpoint"] = $"{LocalIssuer}token",
    });

    private Task KeysAsync(HttpContext http)
    {
        var parts = _key.Rsa.ExportParameters(includePrivateParameters: false);
        return WriteAsync(http, new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA",
                ["use"] = "sig",
                ["kid"] = _key.KeyId,
                ["n"] = Base64UrlEncoder.Encode(parts.Modulus),
                ["e"] = Base64UrlEncoder.Encode(parts.Exponent),
            }),
        });
    }

    private static Task RefuseAsync(HttpContext http, int status, string message)
    {
        http.Response.StatusCode = status;
        return WriteAsync(http, new JsonObject { ["statusCode"] = status, ["message"] = message });
    }

    private static Task WriteAsync(HttpContext http, JsonObject answer)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(answer.ToJsonString(), http.RequestAborted);
    }
}
