using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Parley.Tests.SignalRService;

public sealed class RestCheckTests
{
    private const string Path = "/api/hubs/chat/:send";
    private const string Note = """{"target":"note","arguments":["x"]}""";

    [Fact]
    public async Task A_token_for_the_url_is_accepted_in_every_documented_form()
    {
        await using var service = await TestService.StartAsync(options => options with { SecondaryAccessKey = "second" });
        foreach (var audience in new object[]
        {
            service.Base + Path, service.Base + Path + "/", service.Base + Path + "?api-version=2022-06-01", service.Base + "/api/hubs/chat/%3Asend",
            new[] { "elsewhere", service.Base + Path },
        })
        {
            Assert.Equal(202, await PostAsync(service, Token(audience)));
        }

        Assert.Equal(202, await PostAsync(service, Token(service.Base + Path, key: "second")));
        return;

        string Token(object audience, string key = TestToken.Key) =>
            TestToken.Make(new() { ["aud"] = audience, ["exp"] = service.InSeconds(60) }, key);
    }

    [Fact]
    public async Task A_token_for_another_url_is_refused()
    {
        await using var service = await TestService.StartAsync();
        foreach (var audience in new[]
        {
            service.Base, service.Base + "/api/hubs/chat", service.Base + "/api/hubs/other/:send", "http://127.0.0.1:1" + Path,
            service.Base.Replace("http", "https", StringComparison.Ordinal) + Path, service.ClientUrl(), service.Base + Path + "?api-version=1.0",
        })
        {
            Assert.Equal(401, await PostAsync(service, TestToken.Make(new() { ["aud"] = audience, ["exp"] = service.InSeconds(60) })));
        }
    }

    [Fact]
    public async Task A_token_that_is_absent_expired_endless_or_forged_is_refused()
    {
        await using var service = await TestService.StartAsync(options => options with { Time = TestService.NewClock() });
        var url = service.Base + Path;
        Assert.Equal(202, await PostAsync(service, TestToken.Make(new() { ["aud"] = url, ["exp"] = service.InSeconds(1) })));

        Assert.Equal(401, await PostAsync(service, token: null));
        Assert.Equal(401, await PostAsync(service, TestToken.Make(new() { ["aud"] = url, ["exp"] = service.InSeconds(0) })));
        Assert.Equal(401, await PostAsync(service, TestToken.Make(new() { ["aud"] = url })));
        Assert.Equal(401, await PostAsync(service, TestToken.Make(new() { ["exp"] = service.InSeconds(60) })));
        Assert.Equal(401, await PostAsync(service, TestToken.Make(new() { ["aud"] = url, ["exp"] = service.InSeconds(60) }, key: "wrong")));
        Assert.Equal(401, await PostAsync(service, TestToken.Make(new() { ["aud"] = url, ["exp"] = service.InSeconds(60) }, algorithm: "RS256")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?api-version=20220601")]
    [InlineData("?api-version=1.0")]
    public async Task Another_or_no_version_is_a_bad_request(string query)
    {
        await using var service = await TestService.StartAsync();

        using var response = await service.CallRawAsync("POST", Path + query, service.RestToken(Path), Note);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task An_error_has_the_documented_shape()
    {
        await using var service = await TestService.StartAsync();

        using var response = await service.CallAsync("PUT", "chat/groups/room/connections/nobody");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("Error.Connection.NotExisted", response.Headers.GetValues("x-ms-error-code").Single());
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestService.Stop))!.AsObject();
        Assert.Equal(["code", "message", "target", "details", "inner"], error.Select(property => property.Key));
        Assert.Equal("Error.Connection.NotExisted", (string?)error["code"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"target\":")]
    [InlineData("""{"arguments":["x"]}""")]
    [InlineData("""{"target":"","arguments":["x"]}""")]
    [InlineData("""{"target":7,"arguments":["x"]}""")]
    [InlineData("""{"target":"note","arguments":"x"}""")]
    [InlineData("""{"target":"note","arguments":["\ud800"]}""")]
    public async Task A_malformed_message_is_a_bad_request(string body)
    {
        await using var service = await TestService.StartAsync();

        Assert.Equal(400, await service.StatusAsync("POST", "chat/:send", body));
    }

    [Fact]
    public async Task Names_of_a_message_are_read_in_any_case()
    {
        await using var service = await TestService.StartAsync();
        await using var client = await service.ConnectAsync("mia");

        Assert.Equal(202, await service.StatusAsync("POST", "chat/:send", """{"Target":"note","ARGUMENTS":["shouted"]}"""));

        Assert.Equal("shouted", await client.NextNoteAsync());
    }

    [Fact]
    public async Task A_body_over_one_megabyte_is_too_large()
    {
        await using var service = await TestService.StartAsync();
        var largest = Body(1024 * 1024);
        Assert.Equal(1024 * 1024, Encoding.UTF8.GetByteCount(largest));
        Assert.Equal(202, await service.StatusAsync("POST", "chat/:send", largest));

        Assert.Equal(413, await service.StatusAsync("POST", "chat/:send", Body((1024 * 1024) + 1)));
        return;

        static string Body(int length) => Note.Replace("x", new string('x', length - Note.Length + 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_hubs_and_groups_are_bounded()
    {
        await using var service = await TestService.StartAsync();

        Assert.Equal(202, await service.StatusAsync("POST", $"{new string('h', 128)}/:send", Note));
        Assert.Equal(400, await service.StatusAsync("POST", $"{new string('h', 129)}/:send", Note));
        Assert.Equal(400, await service.StatusAsync("POST", "1hub/:send", Note));
        Assert.Equal(202, await service.StatusAsync("POST", $"chat/groups/{new string('g', 1024)}/:send", Note));
        Assert.Equal(400, await service.StatusAsync("POST", $"chat/groups/{new string('g', 1025)}/:send", Note));
        Assert.Equal(400, await service.StatusAsync("POST", "chat/groups//:send", Note));
    }

    [Fact]
    public async Task Unknown_paths_methods_and_content_types_have_their_status()
    {
        await using var service = await TestService.StartAsync();

        Assert.Equal(404, await service.StatusAsync("POST", "chat/rooms/a/:send", Note));
        Assert.Equal(405, await service.StatusAsync("GET", "chat/:send"));
        using var text = await service.CallRawAsync("POST", Path + TestService.Version, service.RestToken(Path), Note, "text/plain");
        Assert.Equal(415, (int)text.StatusCode);
    }

    [Fact]
    public async Task Health_needs_no_token()
    {
        await using var service = await TestService.StartAsync();

        using var response = await service.CallRawAsync("HEAD", "/api/health", token: null);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Browsers_of_every_origin_may_connect_with_credentials()
    {
        await using var service = await TestService.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Options, service.Base + "/client/negotiate?hub=chat");
        request.Headers.Add("Origin", "https://app.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,x-signalr-user-agent");

        using var response = await http.SendAsync(request, TestService.Stop);

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal("https://app.example", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("true", response.Headers.GetValues("Access-Control-Allow-Credentials").Single());
    }

    private static async Task<int> PostAsync(TestService service, string? token)
    {
        using var response = await service.CallRawAsync("POST", Path + TestService.Version, token, Note);
        return (int)response.StatusCode;
    }
}
