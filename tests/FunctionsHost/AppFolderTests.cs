using Parley.Local.FunctionsHost;

namespace Parley.Tests.FunctionsHost;

/// <summary>What is wrong in an app folder stops the start, with the name of the file.</summary>
public sealed class AppFolderTests
{
    private const string Http = """{ "type": "http", "direction": "out", "name": "res" }""";

    [Theory]
    [InlineData("""{ "type": "blobTrigger", "direction": "in", "name": "m" }""", "type 'blobTrigger'")]
    [InlineData("""{ "type": "queueTrigger", "direction": "in", "name": "m", "queueName": "%NO_SUCH%" }""", "%NO_SUCH%")]
    [InlineData("""{ "type": "queueTrigger", "direction": "in", "name": "m", "queueName": "q", "connection": "Nowhere" }""", "'Nowhere' names no app setting")]
    [InlineData("""{ "type": "queueTrigger", "direction": "in", "name": "m", "queueName": "q", "connection": "Identity" }""", "uses an identity")]
    [InlineData("""{ "type": "queueTrigger", "direction": "out", "name": "m", "queueName": "q" }""", "'direction'")]
    [InlineData("""{ "type": "queueTrigger", "direction": "in", "name": "m" }""", "'queueName' is missing")]
    [InlineData("""{ "type": "timerTrigger", "direction": "in", "name": "t", "schedule": "every day" }""", "every day")]
    [InlineData("""{ "type": "httpTrigger", "direction": "in", "name": "r", "route": "a/{b" }""", "a/{b")]
    [InlineData("""{ "type": "httpTrigger", "direction": "in", "name": "r", "route": "admin/x" }""", "belongs to the host")]
    [InlineData("""{ "type": "httpTrigger", "direction": "in", "name": "r", "authLevel": "everybody" }""", "'authLevel'")]
    [InlineData(Http, "exactly one trigger")]
    [InlineData("{ ", "function.json")]
    public async Task A_bad_function_is_refused(string binding, string reason)
    {
        await using var app = await TestApp.CreateAsync();
        app.Function("bad", binding);

        var error = await Assert.ThrowsAsync<InvalidFunctionAppException>(() => StartAsync(app));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(app.Folder, "bad", "function.json"), error.Message, StringComparison.Ordinal);
        Assert.Empty(app.Script.Births);
    }

    [Theory]
    [InlineData("""{ "version": "2.0" }""", "'customHandler' is missing")]
    [InlineData("""{ "version": "1.0", "customHandler": {} }""", "'version'")]
    [InlineData("""{ "version": "2.0", "customHandler": { "description": {} } }""", "'defaultExecutablePath' is missing")]
    [InlineData("""{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "no-such-program" } } }""", "'no-such-program'")]
    [InlineData("""{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "x" }, "http": { "routes": [ { "route": "a" } ] } } }""", "exclude each other")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "long", "customHandler": { "description": { "defaultExecutablePath": "x" } } }""", "'functionTimeout'")]
    [InlineData("""{ "version": "2.0", "extensions": { "queues": { "batchSize": 33 } }, "customHandler": { "description": { "defaultExecutablePath": "x" } } }""", "'batchSize'")]
    [InlineData("not json", "host.json")]
    public async Task A_bad_host_json_is_refused(string text, string reason)
    {
        await using var app = await TestApp.CreateAsync();
        app.HostJson(text).Http1("any", "any");

        var error = await Assert.ThrowsAsync<InvalidFunctionAppException>(() => StartAsync(app));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(app.Folder, "host.json"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_functions_may_not_share_route_and_method()
    {
        await using var app = await TestApp.CreateAsync();
        app.Http1("one", "same", "\"methods\": [\"get\", \"post\"]").Http1("two", "same", "\"methods\": [\"post\"]");

        var error = await Assert.ThrowsAsync<InvalidFunctionAppException>(() => StartAsync(app));

        Assert.Contains("'one'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_function_may_be_of_any_kind_and_does_not_answer()
    {
        await using var app = await TestApp.CreateAsync();
        app.Function("blob", """{ "type": "blobTrigger", "direction": "in", "name": "m" }""").Http1("off", "off").Http1("on", "on");
        await app.StartAsync(configure: options => options with
        {
            AppSettings = new Dictionary<string, string>(options.AppSettings) { ["AzureWebJobs_blob_Disabled"] = "true", ["AzureWebJobs.off.Disabled"] = "1" },
        });

        using var off = await app.GetAsync("off");
        using var on = await app.GetAsync("on");

        Assert.Equal((404, 200), ((int)off.StatusCode, (int)on.StatusCode));
    }

    [Fact]
    public void The_bindings_of_the_product_are_accepted()
    {
        var folder = Path.Combine(Local.Repository.Root, "functions", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0");

        var app = FunctionApp.Read(folder, new AppSettings(new Dictionary<string, string>(), "UseDevelopmentStorage=true"));

        Assert.Contains(app.Functions, function => function is { Name: "rest", IsPureHttp: true });
        Assert.Contains(app.Functions, function => function is { Name: "deliver", Trigger: QueueTrigger });
        Assert.True(app.Host.CustomHandler.Proxying);
    }

    private static Task<TestApp> StartAsync(TestApp app) => app.StartAsync(configure: options => options with
    {
        AppSettings = new Dictionary<string, string>(options.AppSettings) { ["Identity__queueServiceUri"] = "https://x.queue.core.windows.net" },
    });
}
