using System.Net;

namespace Parley.Tests.FunctionsHost;

public sealed class HttpRoutingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Routes_follow_templates_constraints_and_methods_and_all_else_is_404()
    {
        await using var app = await TestApp.CreateAsync();
        app.Http1("rest", "v4/{service}/{command}", "\"authLevel\": \"anonymous\", \"methods\": [\"post\"]");
        app.Http1("room", "rooms/{id:guid}/messages/{*rest}").Http1("maybe", "maybe/{name?}");
        await app.StartAsync();

        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Post, "v4/openim/sendmsg"));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(app, HttpMethod.Get, "v4/openim/sendmsg"));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(app, HttpMethod.Post, "v4/openim"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Delete, $"rooms/{Guid.NewGuid()}/messages/2026/07/1"));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(app, HttpMethod.Get, "rooms/17/messages/1"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Get, "maybe"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Get, "maybe/alice"));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(app, HttpMethod.Get, "rest"));
        Assert.Equal(4, app.Script.Calls.Count);
    }

    [Fact]
    public async Task The_route_prefix_is_api_by_default_and_part_of_the_path_that_the_handler_sees()
    {
        await using var app = await TestApp.CreateAsync();
        app.HostJson("""{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "bin/ScriptedHandler" }, "enableProxyingHttpRequest": true } }""");
        await app.Function("hello", """{ "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous" }""", """{ "type": "http", "direction": "out", "name": "res" }""").StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(app, HttpMethod.Get, "hello"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Get, "api/hello"));
        Assert.Equal("/api/hello", (await app.Script.FirstCallAsync()).Target);
    }

    [Fact]
    public async Task Keys_open_functions_of_their_level_and_a_refusal_has_no_body()
    {
        await using var app = await TestApp.CreateAsync();
        app.Http1("keyed", "keyed", "\"authLevel\": \"function\"").Http1("unsaid", "unsaid", "\"methods\": [\"get\"]");
        await app.Http1("top", "top", "\"authLevel\": \"admin\"").StartAsync();

        foreach (var path in new[] { "keyed", "unsaid", "keyed?code=wrong" })
        {
            using var refused = await app.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Empty(await refused.Content.ReadAsByteArrayAsync(Stop));
        }

        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Get, "keyed", TestApp.FunctionKey));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Get, "keyed?code=" + Uri.EscapeDataString(TestApp.FunctionKey)));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Get, "keyed", TestApp.MasterKey));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(app, HttpMethod.Get, "top", TestApp.FunctionKey));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Get, "top", TestApp.MasterKey));
    }

    [Fact]
    public async Task A_catch_all_route_does_not_take_the_paths_of_the_host()
    {
        await using var app = await TestApp.CreateAsync();
        await app.Http1("everything", "{*path}").StartAsync();

        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Get, "any/thing"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(app, HttpMethod.Get, "admin/anything"));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(app, HttpMethod.Get, "runtime/webhooks/signalr", TestApp.MasterKey));
        Assert.Single(app.Script.Calls);
    }

    [Fact]
    public async Task Preflights_of_browsers_are_answered_without_the_handler_and_answers_may_be_read_by_any_origin()
    {
        await using var app = await TestApp.CreateAsync();
        await app.Http1("rest", "v4/{service}/{command}", "\"authLevel\": \"anonymous\", \"methods\": [\"post\"]").StartAsync();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, new Uri(app.Host.Endpoint, "v4/a/b"));
        preflight.Headers.Add("Origin", "http://localhost:5173");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "content-type");
        using var call = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Host.Endpoint, "v4/a/b"));
        call.Headers.Add("Origin", "http://localhost:5173");

        using var allowed = await app.Http.SendAsync(preflight, Stop);
        using var answer = await app.Http.SendAsync(call, Stop);

        Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
        Assert.Equal("*", allowed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("POST", allowed.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Equal("content-type", allowed.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Single(app.Script.Calls);
    }

    private static async Task<HttpStatusCode> SendAsync(TestApp app, HttpMethod method, string path, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(app.Host.Endpoint, path));
        if (key is not null)
        {
            request.Headers.Add("x-functions-key", key);
        }

        using var response = await app.Http.SendAsync(request, Stop);
        return response.StatusCode;
    }
}
