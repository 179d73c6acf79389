using System.Net;

namespace Parley.Tests.FunctionsHost;

/// <summary>HTTP functions whose request goes into an envelope: no flag is set.</summary>
public sealed class HttpEnvelopeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_request_is_an_object_in_the_envelope()
    {
        await using var app = await StartAsync();
        app.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Json("""{"Outputs":{"res":{"body":"ok"}}}"""));
        using var content = new StringContent("hello");

        using var response = await app.Http.PostAsync(new Uri(app.Host.Endpoint, "rooms/blue?a=1"), content, Stop);

        var call = await app.Script.FirstCallAsync();
        var request = call.Json["Data"]!["req"]!;
        Assert.Equal("/room", call.Target);
        Assert.Equal("application/json; charset=utf-8", call.Header("Content-Type"));
        Assert.Equal("chunked", call.Header("Transfer-Encoding"));
        Assert.Equal(app.Host.Endpoint + "rooms/blue?a=1", (string?)request["Url"]);
        Assert.Equal("POST", (string?)request["Method"]);
        Assert.Equal("1", (string?)request["Query"]!["a"]);
        Assert.Equal("blue", (string?)request["Params"]!["name"]);
        Assert.Equal("text/plain; charset=utf-8", (string?)request["Headers"]!["Content-Type"]![0]);
        Assert.Equal("hello", (string?)request["Body"]);
        Assert.Equal("\"blue\"", (string?)call.Json["Metadata"]!["name"]);
        Assert.Equal("room", (string?)call.Json["Metadata"]!["sys"]!["MethodName"]);
        Assert.Equal("ok", await response.Content.ReadAsStringAsync(Stop));
    }

    [Theory]
    [InlineData("""{"outputs":{"RES":{"statusCode":"201","headers":{"X-Kind":"new"},"body":{"a":1}}}}""", 201, """{"a":1}""", "application/json; charset=utf-8")]
    [InlineData("""{"Outputs":{"res":{"status":404,"headers":{"Content-Type":"text/html"},"body":"<p>"}}}""", 404, "<p>", "text/html")]
    [InlineData("""{"ReturnValue":{"res":{"statusCode":202}}}""", 202, "", null)]
    public async Task The_http_output_is_the_answer(string answer, int status, string body, string? contentType)
    {
        await using var app = await StartAsync();
        app.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Json(answer));

        using var response = await app.GetAsync("rooms/blue");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Binary_bodies_are_sent_as_base64()
    {
        await using var app = await StartAsync();
        using var content = new ByteArrayContent([1, 2, 255]);
        content.Headers.ContentType = new("application/octet-stream");

        using var response = await app.Http.PostAsync(new Uri(app.Host.Endpoint, "rooms/blue"), content, Stop);

        Assert.Equal("AQL/", (string?)(await app.Script.FirstCallAsync()).Json["Data"]!["req"]!["Body"]);
    }

    [Fact]
    public async Task A_failed_invocation_is_a_500()
    {
        await using var app = await StartAsync();
        app.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Done with { Status = 404 });

        using var response = await app.GetAsync("rooms/blue");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    private static async Task<TestApp> StartAsync() => await (await TestApp.CreateAsync()).HostJson(top: "").Http1("room", "rooms/{name}").StartAsync();
}
