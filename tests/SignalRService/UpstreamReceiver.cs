using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Parley.Local.SignalRService;
using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

/// <summary>An app's upstream end on loopback: keeps what it gets and answers as told.</summary>
internal sealed class UpstreamReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();

    private UpstreamReceiver(WebApplication app)
    {
        _app = app;
        app.Run(ReceiveAsync);
    }

    /// <summary>How calls of a category are answered; 204 unless set.</summary>
    public ConcurrentDictionary<string, Func<HttpContext, Call, Task>> Answers { get; } = new();

    public UpstreamTemplate Template => new(_app.Urls.Single() + "/up/{hub}/{category}/{event}");

    public static async Task<UpstreamReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var receiver = new UpstreamReceiver(builder.Build());
        await receiver._app.StartAsync(TestService.Stop);
        return receiver;
    }

    public void AnswerMessages(Func<HttpContext, Call, Task> answer) => Answers["messages"] = answer;

    public async Task<Call> NextAsync() => await _calls.Reader.ReadAsync(TestService.Stop).AsTask().WaitAsync(Eventually.Deadline);

    public async Task<Call> NextAsync(string eventName)
    {
        while (true)
        {
            var call = await NextAsync();
            if (call.Header("X-ASRS-Event") == eventName)
            {
                return call;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var call = new Call(context.Request.Method, context.Request.Path.Value!, headers, body.ToArray());
        context.Response.StatusCode = 204;
        if (Answers.TryGetValue(call.Header("X-ASRS-Category") ?? "", out var answer))
        {
            await answer(context, call);
        }

        _calls.Writer.TryWrite(call);
    }

    internal sealed record Call(string Method, string Path, Dictionary<string, string> Headers, byte[] Body)
    {
        public string Text => Encoding.UTF8.GetString(Body);

        public string? Header(string name) => Headers.GetValueOrDefault(name);
    }
}
