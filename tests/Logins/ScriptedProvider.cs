using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Parley.Tests.Support;

namespace Parley.Tests.Logins;

/// <summary>An HTTP server on loopback that answers each path as told, and keeps what it was asked.</summary>
internal sealed class ScriptedProvider : IAsyncDisposable
{
    private LoopbackServer _server = null!;

    private ScriptedProvider()
    {
    }

    public string Address => _server.Addresses[0];

    /// <summary>Path → what it answers to which parameters.</summary>
    public ConcurrentDictionary<string, Func<Asked, IResult>> Answers { get; } = new();

    public ConcurrentQueue<Asked> Requests { get; } = new();

    public static async Task<ScriptedProvider> StartAsync()
    {
        var provider = new ScriptedProvider();
        provider._server = await LoopbackServer.StartAsync(provider.AnswerAsync);
        return provider;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

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
