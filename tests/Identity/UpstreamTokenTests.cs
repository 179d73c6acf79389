using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Parley.Connections;
using Parley.Delivery;
using Parley.Local.Identity;
using Parley.Logins;

namespace Parley.Tests.Identity;

public sealed class UpstreamTokenTests
{
    private const string Audience = "https://signalr.azure.com";

    [Fact]
    public async Task The_token_of_the_service_s_identity_is_believed_until_its_end()
    {
        await using var lab = await Lab.StartAsync();
        var token = lab.Issue();

        Assert.True(await lab.IsBelievedAsync(token));
        Assert.True(await lab.IsBelievedAsync(token));
        lab.Time.Advance(TimeSpan.FromMinutes(62));

        Assert.False(await lab.IsBelievedAsync(token));
        Assert.True(await lab.IsBelievedAsync(lab.Issue()));
    }

    [Theory]
    [InlineData("aud", "https://management.azure.com")]
    [InlineData("oid", "another identity of the tenant")]
    [InlineData("iss", "https://sts.windows.net/another/")]
    [InlineData("exp", null)]
    [InlineData("oid", null)]
    public async Task A_token_that_says_anything_else_is_not(string claim, string? value)
    {
        await using var lab = await Lab.StartAsync();

        var token = lab.Issue(claims =>
        {
            claims.Remove(claim);
            if (value is not null)
            {
                claims[claim] = value;
            }
        });

        Assert.False(await lab.IsBelievedAsync(token));
    }

    [Fact]
    public async Task A_token_of_the_future_a_forged_one_and_none_at_all_are_not_believed()
    {
        await using var lab = await Lab.StartAsync();
        await using var forger = await IdentityEndpointEmulator.StartAsync(new() { Time = lab.Time }, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        var future = lab.Issue(claims => claims["nbf"] = lab.Time.GetUtcNow().AddMinutes(10).ToUnixTimeSeconds());
        var forged = forger.Issue(Audience, lab.Issuer, claims => claims["oid"] = lab.Principal);

        Assert.False(await lab.IsBelievedAsync(future));
        Assert.False(await lab.IsBelievedAsync(forged));
        Assert.False(await lab.IsBelievedAsync("no token"));
        Assert.False(await lab.IsBelievedAsync(null));
        Assert.False(await lab.IsBelievedAsync(lab.Issue(), connection: ""));
    }

    private sealed class Lab : IAsyncDisposable
    {
        private readonly IdentityEndpointEmulator _issuer;
        private readonly ProviderHttp _http = new();
        private readonly UpstreamToken _proof;

        private Lab(IdentityEndpointEmulator issuer, FakeTimeProvider time)
        {
            (_issuer, Time) = (issuer, time);
            var options = new SignalROptions { UpstreamIssuer = issuer.LocalIssuer, UpstreamAudience = Audience, UpstreamPrincipal = issuer.PrincipalId };
            var issuers = new OpenIdConfigurations(_http, time);
            _proof = new UpstreamToken(
                Options.Create(options), issuers, new TokenVerifier(issuers, NullLogger<TokenVerifier>.Instance), time, NullLogger<UpstreamToken>.Instance);
        }

        public FakeTimeProvider Time { get; }

        public string Issuer => _issuer.LocalIssuer;

        public string Principal => _issuer.PrincipalId;

        public static async Task<Lab> StartAsync()
        {
            var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
            var options = new IdentityEndpointOptions { Time = time, TokenLifetime = TimeSpan.FromHours(1) };
            return new Lab(await IdentityEndpointEmulator.StartAsync(options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken), time);
        }

        public string Issue(Action<Dictionary<string, object>>? change = null) => _issuer.Issue(Audience, _issuer.LocalIssuer, change);

        public async Task<bool> IsBelievedAsync(string? token, string connection = "c1")
        {
            var http = new DefaultHttpContext();
            if (token is not null)
            {
                http.Request.Headers.Authorization = $"Bearer {token}";
            }

            return await _proof.IsFromServiceAsync(http.Request, connection, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await _issuer.DisposeAsync();
        }
    }
}
