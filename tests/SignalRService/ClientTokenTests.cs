using System.Net;
using Microsoft.AspNetCore.Http.Connections;

namespace Parley.Tests.SignalRService;

public sealed class ClientTokenTests
{
    [Fact]
    public async Task A_token_for_another_hub_endpoint_or_path_is_refused()
    {
        await using var service = await TestService.StartAsync();
        foreach (var audience in new[]
        {
            service.ClientUrl("other"), "http://127.0.0.1:1/client/?hub=chat", $"{service.Base}/server/?hub=chat", service.Base,
            service.ClientUrl() + "&x=1", service.ClientUrl("CHAT"),
        })
        {
            var claims = service.ClientClaims("mia");
            claims["aud"] = audience;

            Assert.Equal(401, await NegotiateAsync(service, TestToken.Make(claims)));
        }
    }

    [Fact]
    public async Task The_audience_may_lack_the_slash()
    {
        await using var service = await TestService.StartAsync();
        var claims = service.ClientClaims("mia");
        claims["aud"] = $"{service.Base}/client?hub=chat";

        Assert.Equal(200, await NegotiateAsync(service, TestToken.Make(claims)));
    }

    [Fact]
    public async Task A_token_without_expiry_expired_unsigned_or_absent_is_refused()
    {
        await using var service = await TestService.StartAsync(options => options with { Time = TestService.NewClock() });
        var endless = service.ClientClaims("mia");
        endless.Remove("exp");
        var expired = service.ClientClaims("mia");
        expired["exp"] = service.InSeconds(0);
        var good = service.ClientClaims("mia");

        Assert.Equal(401, await NegotiateAsync(service, TestToken.Make(endless)));
        Assert.Equal(401, await NegotiateAsync(service, TestToken.Make(expired)));
        Assert.Equal(401, await NegotiateAsync(service, TestToken.Make(good, key: "another key")));
        Assert.Equal(401, await NegotiateAsync(service, TestToken.Make(good, algorithm: "none")));
        Assert.Equal(401, await NegotiateAsync(service, "not.a.token"));
        Assert.Equal(401, await NegotiateAsync(service, token: null));
        Assert.Equal(200, await NegotiateAsync(service, TestToken.Make(good)));
    }

    [Fact]
    public async Task A_token_counts_at_the_web_socket_too()
    {
        await using var service = await TestService.StartAsync();

        using var none = await service.CallRawAsync("GET", "/client/?hub=chat", token: null);
        using var query = await service.CallRawAsync("GET", $"/client/?hub=chat&access_token={service.ClientToken("mia", "other")}", token: null);

        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, query.StatusCode);
    }

    [Fact]
    public async Task A_token_over_4096_characters_is_refused()
    {
        await using var service = await TestService.StartAsync();
        var claims = service.ClientClaims("mia");
        claims["filler"] = "";
        var free = 4096 - TestToken.Make(claims).Length;
        claims["filler"] = new string('x', (free * 3 / 4) - 3);
        Assert.Equal(200, await NegotiateAsync(service, TestToken.Make(claims)));

        claims["filler"] = new string('x', (free * 3 / 4) + 3);

        Assert.Equal(413, await NegotiateAsync(service, TestToken.Make(claims)));
    }

    [Fact]
    public async Task The_secondary_key_is_as_good()
    {
        await using var service = await TestService.StartAsync(options => options with { SecondaryAccessKey = "second" });

        await using var client = await service.ConnectAsync(token: TestToken.Make(service.ClientClaims("mia"), key: "second"));

        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/users/mia"));
    }

    [Fact]
    public async Task The_user_is_named_by_the_first_of_three_claims()
    {
        await using var service = await TestService.StartAsync();
        var claims = service.ClientClaims(user: null);
        claims["sub"] = "third";
        await using var third = await service.ConnectAsync(token: TestToken.Make(claims));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/users/third"));

        claims["nameid"] = "second";
        await using var second = await service.ConnectAsync(token: TestToken.Make(claims));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/users/second"));

        claims["asrs.s.uid"] = "first";
        await using var first = await service.ConnectAsync(token: TestToken.Make(claims));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/users/first"));
        Assert.Equal(3, service.Emulator.Counters.Connections);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Chat")]
    [InlineData("1chat")]
    [InlineData("ch-at")]
    public async Task A_malformed_hub_is_a_bad_request(string hub)
    {
        await using var service = await TestService.StartAsync();

        using var response = await service.CallRawAsync("POST", $"/client/negotiate?hub={hub}&negotiateVersion=1", service.ClientToken("mia", hub), "");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_connection_outlives_its_token()
    {
        var clock = TestService.NewClock();
        await using var service = await TestService.StartAsync(options => options with { Time = clock, ClientTimeout = TimeSpan.FromDays(1) });
        var token = service.ClientToken("mia");
        await using var client = await service.ConnectAsync(token: token, transport: HttpTransportType.LongPolling);

        clock.Advance(TimeSpan.FromHours(2));

        // Every poll carries the token, which has expired by now.
        using var first = await service.NoteAsync("chat/users/mia/:send", "a");
        Assert.Equal("a", await client.NextNoteAsync());
        using var second = await service.NoteAsync("chat/users/mia/:send", "b");
        Assert.Equal("b", await client.NextNoteAsync());
        Assert.Equal(401, await NegotiateAsync(service, token));
    }

    [Fact]
    public async Task A_connection_that_asks_for_it_closes_when_its_authentication_expires()
    {
        var clock = TestService.NewClock();
        await using var service = await TestService.StartAsync(options => options with { Time = clock, ClientTimeout = TimeSpan.FromDays(1) });
        var claims = service.ClientClaims("mia");
        claims["asrs.s.coae"] = "true";
        claims["asrs.s.aeo"] = service.InSeconds(600).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using var client = await service.ConnectAsync(token: TestToken.Make(claims));
        clock.Advance(TimeSpan.FromSeconds(599));
        using var early = await service.NoteAsync("chat/users/mia/:send", "still here");
        Assert.Equal("still here", await client.NextNoteAsync());

        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains("authentication", (await client.ClosedAsync())?.Message, StringComparison.Ordinal);
    }

    private static async Task<int> NegotiateAsync(TestService service, string? token)
    {
        using var response = await service.CallRawAsync("POST", "/client/negotiate?hub=chat&negotiateVersion=1", token, "");
        return (int)response.StatusCode;
    }
}
