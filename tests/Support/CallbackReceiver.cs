using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Parley.Tests.Support;

/// <summary>An app's receiver of callbacks: a real HTTP server on loopback that keeps what it gets and answers as told.</summary>
public sealed class CallbackReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedCallback> _received = new();

    private CallbackReceiver(WebApplication app)
    {
        _app = app;
        app.Run(AnswerAsync);
    }

    /// <summary>As an app sets it.</summary>
    public string Url => $"{_app.Urls.Single()}/im-hook";

    /// <summary>What it answers to which callback; may be changed at any time.</summary>
    public Func<ReceivedCallback, CallbackReply> Script { get; set; } = static _ => CallbackReply.Ok;

    /// <summary>All callbacks so far, in the order in which they came.</summary>
    public IReadOnlyCollection<ReceivedCallback> Received => _received;

    /// <param name="certificate">For https; plain http if not given.</param>
    public static async Task<CallbackReceiver> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        var receiver = new CallbackReceiver(builder.Build());
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>What came of a command, in the order in which it came.</summary>
    public IReadOnlyList<ReceivedCallback> Of(string command) => [.. _received.Where(callback => callback.Command == command)];

    /// <summary>As if nothing had come yet.</summary>
    public void Forget() => _received.Clear();

    /// <summary>Waits until so many callbacks of a command have come.</summary>
    public async Task<IReadOnlyList<ReceivedCallback>> WaitForAsync(string command, int count = 1)
    {
        await Eventually.TrueAsync($"{count} of {command}", () => Of(command).Count >= count, TimeSpan.FromSeconds(60));
        return Of(command);
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var callback = new ReceivedCallback(
            http.Request.Method, http.Request.Path, http.Request.Query.ToDictionary(field => field.Key, field => field.Value.ToString()),
            http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        _received.Enqueue(callback);
        try
        {
            await Script(callback).WriteAsync(http);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The caller did not wait, or does not read on.
        }
    }
}

/// <summary>A callback as its receiver got it.</summary>
public sealed record ReceivedCallback(
    string Method, string Path, IReadOnlyDictionary<string, string> Query, IReadOnlyDictionary<string, string> Headers, byte[] RawBody)
{
    public JsonElement Body { get; } = JsonElement.Parse(RawBody);

    public string Command => Body.GetProperty("CallbackCommand").GetString()!;

    public string Id => Headers["X-Parley-Callback-Id"];

    public int Attempt => int.Parse(Headers["X-Parley-Callback-Attempt"], CultureInfo.InvariantCulture);

    /// <summary>The body's fields by name, each as JSON.</summary>
    public IReadOnlyDictionary<string, string> Fields => Body.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetRawText());

    public string Text(string field) => Body.GetProperty(field).GetString()!;
}

/// <summary>What a receiver answers.</summary>
public sealed record CallbackReply(int Status, byte[] Body)
{
    private const string Envelope = """{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}""";

    public static CallbackReply Ok { get; } = Json(Envelope);

    /// <summary>200 and what is no JSON.</summary>
    public static CallbackReply Garbage { get; } = Json("<html>It works!</html>");

    public static CallbackReply Error { get; } = new(StatusCodes.Status500InternalServerError, Encoding.UTF8.GetBytes(Envelope));

    public TimeSpan Delay { get; private init; }

    public string? Location { get; private init; }

    /// <summary>Whether the length of the body is told before it comes.</summary>
    public bool HasLength { get; private init; } = true;

    public static CallbackReply Json(string body) => new(StatusCodes.Status200OK, Encoding.UTF8.GetBytes(body));

    public static CallbackReply Code(int code, string info = "") => Json($$"""{"ActionStatus":"FAIL","ErrorInfo":"{{info}}","ErrorCode":{{code}}}""");

    /// <summary>A good answer that is too long to be read.</summary>
    public static CallbackReply Huge(bool hasLength) =>
        Json($$"""{"ActionStatus":"OK","ErrorInfo":"{{new string('x', 5_000_000)}}","ErrorCode":0}""") with { HasLength = hasLength };

    public static CallbackReply Redirect(string location) => new(StatusCodes.Status302Found, []) { Location = location };

    /// <summary>The same, so much later.</summary>
    public CallbackReply After(int milliseconds) => this with { Delay = TimeSpan.FromMilliseconds(milliseconds) };

    public async Task WriteAsync(HttpContext http)
    {
        await Task.Delay(Delay, http.RequestAborted);
        http.Response.StatusCode = Status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = HasLength ? Body.Length : null;
        if (Location is not null)
        {
            http.Response.Headers.Location = Location;
        }

        await http.Response.Body.WriteAsync(Body, http.RequestAborted);
    }
}
