using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Parley.Tests.Logins;

/// <summary>An HTTP server on loopback that answers each path as told, and keeps what it was asked.</summary>
internal sealed class ScriptedProvider : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedProvider(WebApplication app)
    {
        _app = app;
        app.Run(AnswerAsync);
    }

    public string Address => _app.Urls.Single();

    /// <summary>Path → what it answers to which parameters.</summary>
    public ConcurrentDictionary<string, Func<Asked, IResult>> Answers { get; } = new();

    public ConcurrentQueue<Asked> Requests { get; } = new();

    public static async Task<ScriptedProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var provider = new ScriptedProvider(builder.Build());
        await provider._app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var request = http.Request;
        var parameters = request.HasFormContentType
            ? (await request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString())
            : request.Query.ToDictionary(field => field.Key, field => field.Value.ToString());
        var asked = new Asked(request.Method, request.Path, parameters, request.Headers.Authorization.ToString());
        Requests.Enqueue(asked);
        var result = Answers.TryGetValue(asked.Path, out var answer) ? answer(asked) : Results.NotFound();
        await result.ExecuteAsync(http);
    }

    public sealed record Asked(string Method, string Path, IReadOnlyDictionary<string, string> Parameters, string Authorization);
}
