using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Parley.Local.FunctionsHost;
using Parley.Tests.Support;

namespace Parley.Tests.FunctionsHost;

public sealed class HandlerProcessTests
{
    [Fact]
    public async Task The_handler_gets_the_documented_environment_arguments_and_folder()
    {
        await using var app = await TestApp.CreateAsync();
        Directory.CreateDirectory(Path.Combine(app.Folder, "work"));
        app.HostJson("""
            { // The real host reads comments too.
              "version": "2.0",
              "customHandler": { "description": { "defaultExecutablePath": "%WHERE%/ScriptedHandler", "workingDirectory": "work",
                "arguments": ["--name", "%NAME%", "%NOT_SET_ANYWHERE%", "last"] } } }
            """);
        await app.Http1("any", "any").StartAsync(configure: options => options with
        {
            AppSettings = new Dictionary<string, string>(options.AppSettings) { ["WHERE"] = "bin", ["NAME"] = "parley", ["Storage__RoamingDays"] = "7" },
        });

        var birth = Assert.Single(app.Script.Births);
        var port = birth.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"];
        Assert.Equal(["--name", "parley", "last"], birth.Arguments);
        Assert.Equal(Path.Combine(app.Folder, "work"), birth.Directory);
        Assert.InRange(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), 1, 65535);
        Assert.Equal(port, birth.Environment["FUNCTIONS_HTTPWORKER_PORT"]);
        Assert.True(Guid.TryParse(birth.Environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"], out _));
        Assert.Equal(birth.Environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"], birth.Environment["FUNCTIONS_HTTPWORKER_ID"]);
        Assert.Equal(app.Folder, birth.Environment["FUNCTIONS_APP_ROOT_PATH"]);
        Assert.Equal("UseDevelopmentStorage=true", birth.Environment["AzureWebJobsStorage"]);
        Assert.Equal("7", birth.Environment["Storage__RoamingDays"]);
        Assert.Equal(birth.ProcessId, app.Host.HandlerProcessId);
    }

    [Fact]
    public async Task Lines_on_stdout_are_information_and_on_stderr_errors_or_warnings()
    {
        await using var app = await StartAsync();
        app.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Done with { Out = "all is well", Error = "something broke" });
        using var first = await app.GetAsync("any");
        app.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Done with { Error = "WARNING: disk is full" });
        using var second = await app.GetAsync("any");

        await Eventually.HoldsAsync(() => app.Log.Has(LogLevel.Information, "all is well"));
        await Eventually.HoldsAsync(() => app.Log.Has(LogLevel.Error, "something broke"));
        await Eventually.HoldsAsync(() => app.Log.Has(LogLevel.Warning, "disk is full"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    public async Task A_handler_that_ends_with_another_code_than_0_is_started_again(int code)
    {
        await using var app = await StartAsync();
        var (first, exits) = (app.Host.HandlerProcessId, Watch(app));
        app.Script.OnCall = _ => Task.FromResult(new HandlerAnswer { ExitCode = code });
        using var broken = await app.Http.PostAsync(new Uri(app.Host.Endpoint, "any"), new StringContent("x"), TestContext.Current.CancellationToken);
        app.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Done);

        using var response = await app.GetAsync("any");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEqual(first, app.Host.HandlerProcessId);
        var exit = Assert.Single(exits);
        Assert.Equal((first, code, HandlerExitReaction.Restart), (exit.ProcessId, exit.ExitCode, exit.Reaction));
    }

    [Fact]
    public async Task A_handler_that_ends_with_0_is_left_alone_and_calls_fail_at_once()
    {
        await using var app = await StartAsync();
        var exits = Watch(app);
        app.Script.OnCall = _ => Task.FromResult(new HandlerAnswer { ExitCode = 0 });
        using var broken = await app.Http.PostAsync(new Uri(app.Host.Endpoint, "any"), new StringContent("x"), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => exits.Count == 1);

        using var response = await app.GetAsync("any");

        Assert.Equal(HandlerExitReaction.LeaveStopped, exits[0].Reaction);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Single(app.Script.Births);
        Assert.False(app.Host.Stopped.IsCompleted);
    }

    [Fact]
    public async Task The_third_error_within_half_an_hour_stops_the_host()
    {
        await using var app = await StartAsync();
        var exits = Watch(app);
        for (var starts = 1; starts <= 2; starts++)
        {
            await Eventually.HoldsAsync(() => app.Host.HandlerProcessId is not null && app.Script.Births.Count == starts);
            app.KillHandler();
            await Eventually.HoldsAsync(() => exits.Count == starts);
        }

        app.Script.OnStart = _ => Task.FromResult<int?>(7);
        using var response = await app.GetAsync("any");

        var error = await Assert.ThrowsAsync<HandlerUnavailableException>(() => app.Host.Stopped);
        Assert.Contains("code 7", error.Message, StringComparison.Ordinal);
        Assert.Equal([HandlerExitReaction.Restart, HandlerExitReaction.Restart, HandlerExitReaction.GiveUp], exits.Select(exit => exit.Reaction));
        Assert.Equal(137, exits[0].ExitCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Without_a_limit_the_handler_is_started_again_and_again()
    {
        await using var app = await StartAsync(options => options with { MaxErrors = null });
        for (var starts = 1; starts <= 4; starts++)
        {
            await Eventually.HoldsAsync(() => app.Host.HandlerProcessId is not null && app.Script.Births.Count == starts);
            app.KillHandler();
        }

        await Eventually.HoldsAsync(async () => (await app.GetAsync("any")).IsSuccessStatusCode);
        Assert.Equal(5, app.Script.Births.Count);
    }

    [Fact]
    public async Task A_handler_that_never_answers_counts_as_an_error_each_time_and_the_start_fails()
    {
        await using var app = await TestApp.CreateAsync();
        var never = new TaskCompletionSource<int?>();
        app.Script.OnStart = _ => never.Task;
        app.HostJson(customHandler: "\"initializationTimeout\": \"00:00:02\"").Http1("any", "any");

        var error = await Assert.ThrowsAsync<HandlerUnavailableException>(() => app.StartAsync());

        Assert.Contains("did not answer", error.Message, StringComparison.Ordinal);
        Assert.All(app.Script.Births, birth => Assert.False(IsRunning(birth.ProcessId)));
        never.SetResult(1);
    }

    [Fact]
    public async Task An_invocation_that_exceeds_functionTimeout_fails_and_costs_the_process()
    {
        var time = new FakeTimeProvider();
        await using var app = await TestApp.CreateAsync();
        app.HostJson(top: "\"functionTimeout\": \"00:05:00\"", customHandler: "\"enableProxyingHttpRequest\": true").Http1("any", "any");
        await app.StartAsync(configure: options => options with { Time = time });
        var (first, exits, never) = (app.Host.HandlerProcessId, Watch(app), new TaskCompletionSource<HandlerAnswer>());
        app.Script.OnCall = _ => never.Task;
        var call = app.GetAsync("any");
        await app.Script.FirstCallAsync();

        time.Advance(TimeSpan.FromMinutes(6));

        using var response = await call;
        app.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Done);
        using var next = await app.GetAsync("any");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.NotEqual(first, app.Host.HandlerProcessId);
        Assert.Equal((null, HandlerExitReaction.Restart), (exits[0].ExitCode, exits[0].Reaction));
        Assert.True(app.Log.Has(LogLevel.Error, "'any'", "functionTimeout"));
        never.SetResult(HandlerAnswer.Done);
    }

    [Fact]
    public async Task Disposing_asks_the_handler_to_end_and_waits_for_it()
    {
        await using var app = await StartAsync();
        var process = app.Host.HandlerProcessId!.Value;
        var stopped = app.Host.Stopped;

        await app.StopAsync();

        Assert.False(IsRunning(process));
        Assert.Equal([process], app.Script.Stopped);
        Assert.True(stopped.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_handler_does_not_outlive_a_host_that_is_killed()
    {
        await using var app = await TestApp.CreateAsync();
        app.Http1("any", "any");
        var start = new ProcessStartInfo(Path.Combine(TestApp.HandlerFolder, "ScriptedHandler"), ["host", app.Folder, "UseDevelopmentStorage=true"])
        {
            UseShellExecute = false,
            Environment = { ["SCRIPT_URL"] = app.Script.Address },
        };
        using var host = Process.Start(start)!;
        await Eventually.HoldsAsync(() => app.Script.Births.Count == 1);
        var handler = app.Script.Births.Single().ProcessId;
        Assert.True(IsRunning(handler));

        host.Kill();

        await Eventually.HoldsAsync(() => !IsRunning(handler));
    }

    private static async Task<TestApp> StartAsync(Func<FunctionsHostOptions, FunctionsHostOptions>? configure = null) =>
        await (await TestApp.CreateAsync()).Http1("any", "any").StartAsync(configure: configure);

    private static List<HandlerExitedEventArgs> Watch(TestApp app)
    {
        var exits = new List<HandlerExitedEventArgs>();
        app.Host.HandlerExited += (_, exit) => exits.Add(exit);
        return exits;
    }

    private static bool IsRunning(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited && !IsZombie(processId);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
    // A killed process stays in the table until its parent has taken note, which the first process of a container may never do.
    private static bool IsZombie(int processId)
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ReadAllText($"/proc/{processId}/stat").Split(") ")[^1].StartsWith('Z');
        }
        catch (IOException)
        {
            return true;
        }
    }
}
