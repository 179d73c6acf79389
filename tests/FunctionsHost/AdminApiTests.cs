using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.FunctionsHost;

public sealed class AdminApiTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_queue_function_runs_for_a_given_text()
    {
        await using var host = await QueueHost.StartAsync(azurite);

        using var answer = await PostAsync(host.App, "work", """{"input":"{\"a\":\"b\"}"}""");

        var call = await host.App.Script.FirstCallAsync();
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("\"{\\\"a\\\":\\\"b\\\"}\"", (string?)call.Json["Data"]!["item"]);
        Assert.Equal("\"b\"", (string?)call.Json["Metadata"]!["a"]);
    }

    [Fact]
    public async Task A_timer_function_runs_now()
    {
        await using var app = await StartAsync();

        using var answer = await PostAsync(app, "tick", "{}");

        var call = await app.Script.FirstCallAsync();
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.False((bool)call.Json["Data"]!["timer"]!["IsPastDue"]!);
    }

    [Theory]
    [InlineData("tick", "{}", "wrong", HttpStatusCode.Unauthorized)]
    [InlineData("tick", "{}", TestApp.FunctionKey, HttpStatusCode.Unauthorized)]
    [InlineData("nothing", "{}", TestApp.MasterKey, HttpStatusCode.NotFound)]
    [InlineData("tick", "no json", TestApp.MasterKey, HttpStatusCode.BadRequest)]
    [InlineData("tick", """{"input":1}""", TestApp.MasterKey, HttpStatusCode.BadRequest)]
    [InlineData("web", "{}", TestApp.MasterKey, HttpStatusCode.BadRequest)]
    public async Task A_wrong_run_is_refused(string function, string body, string key, HttpStatusCode status)
    {
        await using var app = await StartAsync();

        using var answer = await PostAsync(app, function, body, key);

        Assert.Equal(status, answer.StatusCode);
        Assert.Empty(app.Script.Calls);
    }

    [Fact]
    public async Task The_status_tells_that_the_host_runs()
    {
        await using var app = await StartAsync();

        var status = await app.Http.GetFromJsonAsync<JsonObject>(new Uri(app.Host.Endpoint, "admin/host/status?code=" + Uri.EscapeDataString(TestApp.MasterKey)), Stop);

        Assert.Equal("Running", (string?)status!["state"]);
        Assert.NotNull(status["version"]);
    }

    private static async Task<TestApp> StartAsync()
    {
        var app = (await TestApp.CreateAsync()).HostJson(top: "").Http1("web", "web");
        app.Function("tick", """{ "type": "timerTrigger", "direction": "in", "name": "timer", "schedule": "0 0 0 1 1 *", "useMonitor": false }""");
        return await app.StartAsync();
    }

    private static async Task<HttpResponseMessage> PostAsync(TestApp app, string function, string body, string key = TestApp.MasterKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Host.Endpoint, "admin/functions/" + function)) { Content = new StringContent(body) };
        request.Headers.Add("x-functions-key", key);
        return await app.Http.SendAsync(request, Stop);
    }
}
