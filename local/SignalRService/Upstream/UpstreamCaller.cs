using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Parley.Local.SignalRService.Clients;
using Parley.Local.SignalRService.Protocol;
using Parley.Local.SignalRService.Tokens;

namespace Parley.Local.SignalRService.Upstream;

/// <summary>
/// Posts what clients do to the URL of the first rule that matches. A failing upstream is logged and never ends a connection.
/// <code>
/// POST {rule's URL}
/// X-ASRS-Connection-Id, X-ASRS-Hub, X-ASRS-Category, X-ASRS-Event, X-ASRS-User-Id, X-ASRS-User-Claims, X-ASRS-Client-Query, X-ASRS-Signature, or Authorization
/// connected {"type":10} · disconnected {"Type":11,"Error":"…"} · message: as the client sent it, unframed
/// </code>
/// </summary>
/// <remarks>
/// Header values are UTF-8 (our choice: the service documents none), line breaks in them become blanks.
/// Without a rule for it an event is dropped and a send ignored; an invocation is completed with an error, where Microsoft's emulator
/// leaves the caller waiting and the document speaks of a disconnect.
/// </remarks>
internal sealed partial class UpstreamCaller : IDisposable
{
    private const int LargestAnswer = 16 * 1024 * 1024;

    // Real time: how long calls may still take when the stand-in is being stopped, and perhaps upstream with it.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly UpstreamRules _rules;
    private readonly AccessKeys _keys;
    private readonly TimeSpan _timeout;
    private readonly Func<string>? _token;
    private readonly ILogger<UpstreamCaller> _logger;
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationTokenRegistration _stopping;
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public UpstreamCaller(
        UpstreamRules rules, AccessKeys keys, SignalRServiceOptions options, IHostApplicationLifetime host, ILogger<UpstreamCaller> logger)
    {
        (_rules, _keys, _timeout, _token, _logger) = (rules, keys, options.UpstreamTimeout, options.UpstreamToken, logger);
        _stopping = host.ApplicationStopping.Register(() => _stopped.CancelAfter(StopTimeout));
    }

    public async Task ConnectedAsync(ClientConnection client) =>
        await PostAsync(client, "connections", "connected", "application/json", """{"type":10}"""u8.ToArray());

    /// <summary>The error is null after an orderly end.</summary>
    public async Task DisconnectedAsync(ClientConnection client, string? error)
    {
        var body = new JsonObject { ["Type"] = 11 };
        if (error is not null)
        {
            body["Error"] = error;
        }

        await PostAsync(client, "connections", "disconnected", "application/json", Encoding.UTF8.GetBytes(body.ToJsonString()));
    }

    public Task<UpstreamAnswer> MessageAsync(ClientConnection client, ClientMessage message) =>
        PostAsync(client, "messages", message.Target!, client.Protocol.ContentType, message.Payload);

    public void Dispose()
    {
        _stopping.Dispose();
        _stopped.Dispose();
        _http.Dispose();
    }

    private async Task<UpstreamAnswer> PostAsync(ClientConnection client, string category, string eventName, string contentType, byte[] body)
    {
        if (_rules.Find(client.Identity.Hub, category, eventName) is not { } rule)
        {
            NoRule(_logger, client.Identity.Hub, category, eventName);
            return UpstreamAnswer.Failed("Invocation failed, no upstream is set for it.");
        }

        try
        {
            using var request = Request(client, category, eventName, rule.UrlFor(client.Identity.Hub, category, eventName));
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
            timeout.CancelAfter(_timeout);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            return await ReadAsync(client, eventName, response, timeout.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or UriFormatException
            or NotSupportedException or ObjectDisposedException)
        {
            Unreachable(_logger, client.Id, eventName, e);
            return UpstreamAnswer.Failed("Invocation failed, upstream did not answer.");
        }
    }

    private HttpRequestMessage Request(ClientConnection client, string category, string eventName, Uri url)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url);
        Add("X-ASRS-Connection-Id", client.Id);
        Add("X-ASRS-Hub", client.Identity.Hub);
        Add("X-ASRS-Category", category);
        Add("X-ASRS-Event", eventName);
        Add("X-ASRS-User-Id", client.UserId);
        Add("X-ASRS-User-Claims", client.Identity.UserClaims);
        Add("X-ASRS-Client-Query", client.Identity.Query);
        Add("X-ASRS-Signature", _keys.UpstreamSignature(client.Id));
        Add("Authorization", _token is null ? null : $"Bearer {_token()}");
        return request;

        void Add(string header, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                request.Headers.TryAddWithoutValidation(header, value.ReplaceLineEndings(" ").Replace('\0', ' '));
            }
        }
    }

    private async Task<UpstreamAnswer> ReadAsync(
        ClientConnection client, string eventName, HttpResponseMessage response, CancellationToken cancellation)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.NoContent:
                return UpstreamAnswer.Void;
            case HttpStatusCode.OK:
                var body = await ReadBodyAsync(response, cancellation);
                if (body is null)
                {
                    TooLarge(_logger, client.Id, eventName);
                    return UpstreamAnswer.Failed("Invocation failed, response too large.");
                }

                return body.Length == 0 ? UpstreamAnswer.Void : UpstreamAnswer.Ready(body);
            default:
                Refused(_logger, client.Id, eventName, (int)response.StatusCode);
                return UpstreamAnswer.Failed($"Invocation failed, status code {(int)response.StatusCode}");
        }
    }

    private static async Task<byte[]?> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentLength > LargestAnswer)
        {
            return null;
        }

        using var body = new MemoryStream();
        await using var content = await response.Content.ReadAsStreamAsync(cancellation);
        var part = new byte[16 * 1024];
        while (await content.ReadAsync(part, cancellation) is var count and > 0)
        {
            await body.WriteAsync(part.AsMemory(0, count), cancellation);
            if (body.Length > LargestAnswer)
            {
                return null;
            }
        }

        return body.ToArray();
    }

    [LoggerMessage(EventId = 7120, Level = LogLevel.Debug, Message = "No upstream rule for {Hub} {Category} {Event}")]
    private static partial void NoRule(ILogger logger, string hub, string category, string @event);

    [LoggerMessage(EventId = 7121, Level = LogLevel.Error, Message = "Connection {ConnectionId}: upstream did not answer {Event}")]
    private static partial void Unreachable(ILogger logger, string connectionId, string @event, Exception exception);

    [LoggerMessage(EventId = 7122, Level = LogLevel.Error, Message = "Connection {ConnectionId}: upstream answered {Event} with {Status}")]
    private static partial void Refused(ILogger logger, string connectionId, string @event, int status);

    [LoggerMessage(EventId = 7123, Level = LogLevel.Error, Message = "Connection {ConnectionId}: upstream answered {Event} with more than 16 MiB")]
    private static partial void TooLarge(ILogger logger, string connectionId, string @event);
}
