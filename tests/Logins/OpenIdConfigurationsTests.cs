using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Parley.Logins;

namespace Parley.Tests.Logins;

/// <summary>How often issuers are asked, and what they may say.</summary>
public sealed class OpenIdConfigurationsTests
{
    private const string Discovery = "/.well-known/openid-configuration";

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task An_issuer_is_read_once_an_hour_however_many_ask()
    {
        await using var issuer = await StartAsync();
        using var http = new ProviderHttp();
        var known = new OpenIdConfigurations(http, _time);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FindAsync(known, issuer)));
        Assert.Equal(1, Reads(issuer));

        _time.Advance(TimeSpan.FromMinutes(61));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FindAsync(known, issuer)));
        Assert.Equal(2, Reads(issuer));
    }

    [Fact]
    public async Task Unknown_keys_have_it_read_again_but_not_without_end()
    {
        await using var issuer = await StartAsync();
        using var http = new ProviderHttp();
        var known = new OpenIdConfigurations(http, _time);
        var seen = await FindAsync(known, issuer);

        for (var n = 0; n < 20; n++)
        {
            seen = await known.RenewAsync(seen, TestContext.Current.CancellationToken);
        }

        Assert.Equal(2, Reads(issuer));
        _time.Advance(TimeSpan.FromSeconds(31));
        var renewed = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => known.RenewAsync(seen, TestContext.Current.CancellationToken)));
        Assert.Equal(3, Reads(issuer));
        Assert.Single(renewed.Distinct());
    }

    [Fact]
    public async Task An_issuer_that_is_away_is_believed_for_a_day_and_asked_every_few_seconds()
    {
        await using var issuer = await StartAsync();
        using var http = new ProviderHttp();
        var known = new OpenIdConfigurations(http, _time);
        var seen = await FindAsync(known, issuer);
        issuer.Answers[Discovery] = _ => Results.StatusCode(503);

        _time.Advance(TimeSpan.FromHours(23));
        for (var n = 0; n < 10; n++)
        {
            Assert.Same(seen, await FindAsync(known, issuer));
        }

        Assert.Equal(2, Reads(issuer));
        _time.Advance(TimeSpan.FromHours(2));
        await Assert.ThrowsAsync<ProviderException>(() => FindAsync(known, issuer));
        await Assert.ThrowsAsync<ProviderException>(() => FindAsync(known, issuer));
        Assert.Equal(3, Reads(issuer));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"issuer":"https://other.example.org","jwks_uri":"{address}/keys","token_endpoint":"{address}/token"}""")]
    [InlineData("""{"issuer":"{address}","token_endpoint":"{address}/token"}""")]
    [InlineData("""{"issuer":"{address}","jwks_uri":"{address}/keys"}""")]
    [InlineData("""{"issuer":"{address}","jwks_uri":"http://10.0.0.1/keys","token_endpoint":"{address}/token"}""")]
    [InlineData("""{"issuer":"{address}","jwks_uri":"file:///etc/passwd","token_endpoint":"{address}/token"}""")]
    [InlineData("""{"issuer":"{address}","jwks_uri":"{address}/garbage","token_endpoint":"{address}/token"}""")]
    [InlineData("""{"issuer":"{address}","jwks_uri":"{address}/redirect","token_endpoint":"{address}/token"}""")]
    public async Task A_discovery_document_that_cannot_be_right_is_not_believed(string document)
    {
        await using var issuer = await StartAsync();
        using var http = new ProviderHttp();
        issuer.Answers[Discovery] = _ => Results.Text(document.Replace("{address}", issuer.Address, StringComparison.Ordinal));
        issuer.Answers["/garbage"] = _ => Results.Text("<html>");
        issuer.Answers["/redirect"] = _ => Results.Redirect("/keys");

        await Assert.ThrowsAsync<ProviderException>(() => FindAsync(new OpenIdConfigurations(http, _time), issuer));
    }

    private static async Task<ScriptedProvider> StartAsync()
    {
        var issuer = await ScriptedProvider.StartAsync();
        issuer.Answers[Discovery] = _ => Results.Json(
            new { issuer = issuer.Address, jwks_uri = issuer.Address + "/keys", token_endpoint = issuer.Address + "/token" });
        issuer.Answers["/keys"] = _ => Results.Text("""{"keys":[]}""");
        return issuer;
    }

    private static Task<OpenIdConfiguration> FindAsync(OpenIdConfigurations known, ScriptedProvider issuer) =>
        known.FindAsync(issuer.Address, TestContext.Current.CancellationToken);

    private static int Reads(ScriptedProvider issuer) => issuer.Requests.Count(request => request.Path == Discovery);
}
