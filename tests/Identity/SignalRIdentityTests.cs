using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Parley.Delivery;
using Parley.Identity;
using Parley.Local.Identity;
using Parley.Local.SignalRService;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Identity;

/// <summary>SignalR without a key: calls with the identity's token, clients' tokens with a lent key.</summary>
public sealed class SignalRIdentityTests
{
    private const uint App = 1400000001;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_carry_the_identity_s_token_and_are_accepted()
    {
        await using var lab = await Lab.StartAsync();

        await lab.SendAsync();
        await lab.SendAsync();

        Assert.Equal((2, 1), (lab.Service.Counters.RestCalls, lab.Credential.Requests));
    }

    [Fact]
    public async Task A_token_for_another_service_or_one_signed_with_a_key_is_refused_where_keys_are_off()
    {
        await using var lab = await Lab.StartAsync();
        lab.Credential.Audience = "https://storage.azure.com";
        await Assert.ThrowsAsync<HttpRequestException>(lab.SendAsync);

        var byKey = new SignalROptions { ConnectionString = lab.Service.ConnectionString, UpstreamSecret = new string('s', 32) };
        var endpoint = new SignalREndpoint(Options.Create(byKey));
        using var client = new SignalRClient(endpoint, new SignalRToken(endpoint, TimeProvider.System), Options.Create(byKey), FreshMetrics.Create());

        await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(DeliveryTarget.App(App), """{"target":"events","arguments":[]}"""u8.ToArray(), Stop));
    }

    [Fact]
    public async Task A_client_connects_with_a_token_of_a_lent_key_and_negotiations_cost_no_call_after_the_first()
    {
        await using var lab = await Lab.StartAsync();

        var tokens = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => lab.ClientTokenAsync()));
        await using var hub = new HubConnectionBuilder().WithUrl(lab.Endpoint.ClientUrl(App), options => options.AccessTokenProvider = () => Task.FromResult<string?>(tokens[0])).Build();
        await hub.StartAsync(Stop);

        Assert.Equal(HubConnectionState.Connected, hub.State);
        Assert.Equal(1, lab.Service.Counters.KeyCalls);
        Assert.Single(tokens.Select(token => new JsonWebToken(token).Kid).Distinct());
    }

    [Fact]
    public async Task A_lent_key_is_replaced_while_it_is_still_good_and_no_token_outlives_its_key()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var lab = await Lab.StartAsync(time);
        var first = new JsonWebToken(await lab.ClientTokenAsync());
        Assert.Equal(time.GetUtcNow().AddHours(1).UtcDateTime, first.ValidTo);

        time.Advance(TimeSpan.FromMinutes(50));
        var late = new JsonWebToken(await lab.ClientTokenAsync());
        Assert.Equal((first.Kid, true), (late.Kid, late.ValidTo <= first.IssuedAt.AddMinutes(90)));
        Assert.Equal(1, lab.Service.Counters.KeyCalls);

        time.Advance(TimeSpan.FromMinutes(6));
        await Eventually.HoldsAsync(async () => new JsonWebToken(await lab.ClientTokenAsync()).Kid != first.Kid);
        Assert.Equal(2, lab.Service.Counters.KeyCalls);
    }

    [Fact]
    public async Task While_no_key_is_lent_the_old_one_serves_and_then_there_is_an_error()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var lab = await Lab.StartAsync(time);
        var first = new JsonWebToken(await lab.ClientTokenAsync());
        await lab.Service.DisposeAsync();

        time.Advance(TimeSpan.FromMinutes(70));
        Assert.Equal(first.Kid, new JsonWebToken(await lab.ClientTokenAsync()).Kid);
        time.Advance(TimeSpan.FromMinutes(20));

        await Assert.ThrowsAsync<HttpRequestException>(lab.ClientTokenAsync);
    }

    private sealed class Lab : IAsyncDisposable
    {
        private readonly IdentityEndpointEmulator _issuer;
        private readonly SignalRIdentity _authorization;
        private readonly SignalRClient _client;

        private Lab(IdentityEndpointEmulator issuer, SignalRServiceEmulator service, TimeProvider time)
        {
            (_issuer, Service, Credential) = (issuer, service, new TestCredential(issuer));
            var options = Options.Create(new SignalROptions { Endpoint = service.Endpoint, UpstreamSecret = new string('s', 32), RequestTimeoutMilliseconds = 30_000 });
            Endpoint = new SignalREndpoint(options);
            _authorization = new SignalRIdentity(Endpoint, new AppIdentity(Credential), options, FreshMetrics.Create(), time, NullLogger<SignalRIdentity>.Instance);
            _client = new SignalRClient(Endpoint, _authorization, options, FreshMetrics.Create());
        }

        public SignalRServiceEmulator Service { get; }

        public TestCredential Credential { get; }

        public SignalREndpoint Endpoint { get; }

        public static async Task<Lab> StartAsync(TimeProvider? time = null)
        {
            var clock = time ?? TimeProvider.System;
            var issuer = await IdentityEndpointEmulator.StartAsync(new() { Time = clock }, NullLoggerFactory.Instance, Stop);
            var options = new SignalRServiceOptions { AccessKey = "off", IsLocalAuthDisabled = true, Entra = issuer.Trust, Time = clock };
            return new Lab(issuer, await SignalRServiceEmulator.StartAsync(options, NullLoggerFactory.Instance, Stop), clock);
        }

        public Task SendAsync() => _client.SendAsync(DeliveryTarget.Account(new AccountKey(App, "mia")), """{"target":"events","arguments":[]}"""u8.ToArray(), Stop);

        public async Task<string> ClientTokenAsync() => await _authorization.TokenForClientAsync(Endpoint.ClientAudience(App), [("asrs.s.uid", "mia")], Stop);

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            _authorization.Dispose();
            await Service.DisposeAsync();
            await _issuer.DisposeAsync();
        }
    }
}
