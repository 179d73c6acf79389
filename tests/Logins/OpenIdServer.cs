using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Parley.Tests.Logins;

/// <summary>
/// An OpenID Connect provider on loopback: OpenIddict, with one client. Whoever comes to its authorization endpoint is logged in as the
/// <c>login_hint</c> says. The test has its signing key, to make tokens that no honest provider would.
/// </summary>
internal sealed class OpenIdServer : IAsyncDisposable
{
    public const string ClientId = "parley-client";
    public const string ClientSecret = "a client secret: with /signs+ & blanks";
    public const string RedirectUri = "https://app.example.org/back";

    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private OpenIdServer(WebApplication app, SecurityKey key) => (_app, Key) = (app, key);

    public SecurityKey Key { get; }

    /// <summary>As the discovery document spells it.</summary>
    public string Issuer => _app.Urls.Single() + "/";

    public string Algorithm => Key is RsaSecurityKey ? SecurityAlgorithms.RsaSha256 : SecurityAlgorithms.EcdsaSha256;

    /// <param name="key">What it signs with; a new RSA key if not given.</param>
    /// <param name="port">The port; a free one if not given.</param>
    public static async Task<OpenIdServer> StartAsync(SecurityKey? key = null, int port = 0)
    {
        key ??= new RsaSecurityKey(RSA.Create(2048));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var database = Guid.NewGuid().ToString();
        builder.Services.AddDbContext<DbContext>(context => context.UseInMemoryDatabase(database).UseOpenIddict());
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>())
            .AddServer(server =>
            {
                server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token");
                server.AllowAuthorizationCodeFlow().RegisterScopes(Scopes.Profile);
                server.AddSigningKey(key).AddEphemeralEncryptionKey();
                server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().DisableTransportSecurityRequirement();
            });
        var app = builder.Build();
        app.UseAuthentication();
        app.MapGet("/connect/authorize", SignIn);
        await app.StartAsync();
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = ClientId,
            ClientSecret = ClientSecret,
            RedirectUris = { new Uri(RedirectUri) },
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.GrantTypes.AuthorizationCode,
                Permissions.ResponseTypes.Code, Permissions.Scopes.Profile,
            },
        });
        var server = new OpenIdServer(app, key);
        // The first answers in a process take as long as compiling the server does, and those who ask a provider wait ten seconds.
        foreach (var document in new[] { ".well-known/openid-configuration", ".well-known/jwks" })
        {
            using var answer = await server._http.GetAsync(new Uri(server.Issuer + document));
            answer.EnsureSuccessStatusCode();
        }

        return server;
    }

    /// <summary>As a browser would: logs a user in and gives what the app's page gets.</summary>
    /// <param name="verifier">For PKCE.</param>
    public async Task<string> AuthorizeAsync(string subject, string? nonce = null, string? verifier = null)
    {
        var query = new Dictionary<string, string?>
        {
            ["client_id"] = ClientId,
            ["redirect_uri"] = RedirectUri,
            ["response_type"] = "code",
            ["scope"] = "openid profile",
            ["login_hint"] = subject,
        };
        if (nonce is not null)
        {
            query["nonce"] = nonce;
        }

        if (verifier is not null)
        {
            query["code_challenge"] = WebEncoders.Base64UrlEncode(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(verifier)));
            query["code_challenge_method"] = "S256";
        }

        using var answer = await _http.GetAsync(new Uri(QueryHelpers.AddQueryString(Issuer + "connect/authorize", query)));
        var back = answer.Headers.Location ?? throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
        return QueryHelpers.ParseQuery(back.Query)["code"].ToString();
    }

    /// <summary>An id_token as the provider gives it to a client of its own.</summary>
    public async Task<string> IdTokenAsync(string subject, string? nonce = null)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = await AuthorizeAsync(subject, nonce),
            ["redirect_uri"] = RedirectUri,
            ["client_id"] = ClientId,
            ["client_secret"] = ClientSecret,
        });
        using var answer = await _http.PostAsync(new Uri(Issuer + "connect/token"), form);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("id_token").GetString()!;
    }

    /// <summary>A token of the test's own making, signed with the provider's key unless another is given.</summary>
    public string Forge(Action<Dictionary<string, object>> change, SigningCredentials? signing = null)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["aud"] = ClientId,
            ["sub"] = "forged",
            ["iat"] = now,
            ["exp"] = now + 600,
        };
        change(claims);
        var payload = JsonSerializer.Serialize(claims);
        return new JsonWebTokenHandler().CreateToken(payload, signing ?? new SigningCredentials(Key, Algorithm));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static IResult SignIn(HttpContext http)
    {
        var request = http.GetOpenIddictServerRequest()!;
        var identity = new ClaimsIdentity("Tests", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, request.LoginHint).SetClaim(Claims.Name, "Mia of " + request.LoginHint)
            .SetClaim(Claims.Picture, "https://img.example.org/mia.png");
        identity.SetScopes(request.GetScopes());
        identity.SetDestinations(_ => [Destinations.IdentityToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }
}
