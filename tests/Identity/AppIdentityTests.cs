using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Parley.Identity;
using Parley.Local.Identity;

namespace Parley.Tests.Identity;

public sealed class AppIdentityTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, "IDENTITY_ENDPOINT", "AZURE_CLIENT_ID")]
    [InlineData(true, "IDENTITY_ENDPOINT")]
    [InlineData(true, "AZURE_CLIENT_ID")]
    [InlineData(false)]
    [InlineData(false, "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")]
    [InlineData(false, "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE")]
    public void A_managed_identity_is_used_where_the_environment_has_one(bool isManaged, params string[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(name => KeyValuePair.Create(name, (string?)"http://127.0.0.1/x"))).Build();

        var credential = AppIdentity.Create(configuration);

        Assert.Equal(isManaged ? typeof(ManagedIdentityCredential) : typeof(DefaultAzureCredential), credential.GetType());
    }

    [Fact]
    public async Task A_token_is_asked_for_once_and_again_shortly_before_its_end()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var issuer = await IdentityEndpointEmulator.StartAsync(new() { Time = time, TokenLifetime = TimeSpan.FromHours(1) }, NullLoggerFactory.Instance, Stop);
        var credential = new TestCredential(issuer);
        using var token = new IdentityToken(new AppIdentity(credential), "https://signalr.azure.com/.default", time);

        var tokens = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => token.GetAsync(Stop).AsTask()));
        time.Advance(TimeSpan.FromMinutes(54));
        var same = await token.GetAsync(Stop);
        Assert.Equal((1, 1), (tokens.Append(same).Select(each => each.Token).Distinct().Count(), credential.Requests));

        time.Advance(TimeSpan.FromMinutes(2));
        var next = await token.GetAsync(Stop);

        Assert.NotEqual(same.Token, next.Token);
        Assert.Equal(2, credential.Requests);
    }

    [Fact]
    public async Task While_the_endpoint_is_away_a_token_that_is_still_good_serves()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var issuer = await IdentityEndpointEmulator.StartAsync(new() { Time = time, TokenLifetime = TimeSpan.FromHours(1) }, NullLoggerFactory.Instance, Stop);
        var credential = new TestCredential(issuer);
        using var token = new IdentityToken(new AppIdentity(credential), "https://signalr.azure.com/.default", time);
        var first = await token.GetAsync(Stop);
        credential.IsAway = true;

        time.Advance(TimeSpan.FromMinutes(57));
        Assert.Equal(first.Token, (await token.GetAsync(Stop)).Token);
        Assert.Equal(first.Token, (await token.GetAsync(Stop)).Token);
        Assert.Equal(2, credential.Requests);
        time.Advance(TimeSpan.FromMinutes(4));

        await Assert.ThrowsAsync<AuthenticationFailedException>(async () => await token.GetAsync(Stop));
    }
}
