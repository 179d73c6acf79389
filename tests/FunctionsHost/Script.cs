using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Tests.Support;

namespace Parley.Tests.FunctionsHost;

/// <summary>One request as the handler got it.</summary>
public sealed record HandlerCall(int ProcessId, string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();

    public string Header(string name) => Headers.GetValueOrDefault(name) ?? Headers.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
}

/// <summary>What the handler does with it.</summary>
public sealed record HandlerAnswer
{
    public static readonly HandlerAnswer Done = new() { Body = """{"Outputs":{},"Logs":[],"ReturnValue":null}""" };

    public int Status { get; init; } = 200;

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string> { ["Content-Type"] = "application/json" };

    public string Body { get; init; } = "";

    /// <summary>End the process instead.</summary>
    public int? ExitCode { get; init; }

    public string? Out { get; init; }

    public string? Error { get; init; }

    public static HandlerAnswer Json(string body) => new() { Body = body };
}

/// <summary>A start of the handler: what it was given.</summary>
public sealed record HandlerBirth(int ProcessId, IReadOnlyList<string> Arguments, string Directory, IReadOnlyDictionary<string, string> Environment);

/// <summary>The will of the scripted handler: it asks here what to do, so that the test holds all state and every process can be killed.</summary>
public sealed class Script : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ConcurrentQueue<HandlerCall> _calls = new();

    private Script(WebApplication web) => _web = web;

    public Func<HandlerCall, Task<HandlerAnswer>> OnCall { get; set; } = _ => Task.FromResult(HandlerAnswer.Done);

    /// <summary>Gives the code to exit with, or null to serve.</summary>
    public Func<HandlerBirth, Task<int?>> OnStart { get; set; } = _ => Task.FromResult<int?>(null);

    public ConcurrentQueue<HandlerBirth> Births { get; } = new();

    /// <summary>Processes that ended in order.</summary>
    public ConcurrentQueue<int> Stopped { get; } = new();

    public IReadOnlyCollection<HandlerCall> Calls => _calls;

    public string Address => _web.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();

    public static async Task<Script> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = null);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var script = new Script(builder.Build());
        script._web.MapPost("/start", async (HandlerBirth birth) =>
        {
            script.Births.Enqueue(birth);
            return Results.Json(new { ExitCode = await script.OnStart(birth) });
        });
        script._web.MapPost("/call", async (HandlerCall call) =>
        {
            script._calls.Enqueue(call);
            return Results.Json(await script.OnCall(call));
        });
        script._web.MapPost("/stopped", (HandlerStopped stopped) =>
        {
            script.Stopped.Enqueue(stopped.ProcessId);
            return Results.Json(new { });
        });
        await script._web.StartAsync();
        return script;
    }

    public Task<HandlerCall> FirstCallAsync() => NthCallAsync(1);

    public async Task<HandlerCall> NthCallAsync(int number)
    {
        await Eventually.HoldsAsync(() => _calls.Count >= number);
        return _calls.ElementAt(number - 1);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _web.StopAsync(now.Token);
        await _web.DisposeAsync();
    }

    private sealed record HandlerStopped(int ProcessId);
}
