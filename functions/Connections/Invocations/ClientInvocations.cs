using Parley.Rest;
using Parley.Storage;

namespace Parley.Connections.Invocations;

/// <summary>
/// Commands that clients call over their connection, with the answer and the rights of the REST API.
/// <code>
/// connection.invoke('call', 'openim', 'sendmsg', { "To_Account": "jonas", "MsgRandom": 77120934, "MsgBody": [ … ] })
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "MsgTime": 1700000321, "MsgKey": "501_77120934_1700000321" }
/// </code>
/// </summary>
/// <remarks>
/// Units: a message has at most 2 MB, so that a body of the largest size still fits when each of its characters is escaped.
/// Errors: a command's own in its answer; an error completion for anything but <c>call</c> with two texts and a body; HTTP 413, 415 or 400, which the
/// service turns into an error completion, where it cannot be known what to complete.
/// Source: the service's contract, upstream. The method and its arguments are our choice.
/// </remarks>
public sealed partial class ClientInvocations(CommandDispatcher dispatcher, Authenticator authenticator, ILogger<ClientInvocations> logger)
{
    private const int MaxMessageBytes = 2 * 1024 * 1024;
    private const string Usage = "Only call(service, command, body) can be invoked: two texts, and an object or its JSON as a text.";

    private static readonly IInvocationProtocol[] Protocols = [new JsonInvocationProtocol(), new MessagePackInvocationProtocol()];

    /// <summary>Runs what an account's device invoked.</summary>
    public Task HandleAsync(HttpContext http, AccountKey account, string connectionId, ConnectionClaims claims) => HandleAsync(
        http, connectionId, command => dispatcher.RunAsync(new ConnectionCall(command, account, claims, authenticator), http.RequestAborted));

    /// <summary>Runs what a client invoked.</summary>
    /// <param name="run">Gives a command's answer.</param>
    public async Task HandleAsync(HttpContext http, string connectionId, Func<InvokedCommand, Task<byte[]>> run)
    {
        var cancellation = http.RequestAborted;
        var message = await RequestBody.ReadAsync(http.Request.BodyReader, MaxMessageBytes, cancellation);
        var mediaType = http.Request.ContentType?.Split(';')[0].Trim();
        var protocol = Protocols.FirstOrDefault(candidate => candidate.ContentType.Equals(mediaType, StringComparison.OrdinalIgnoreCase));
        if (message is null || protocol is null || protocol.Read(message) is not { } invocation)
        {
            http.Response.StatusCode = message is null ? StatusCodes.Status413PayloadTooLarge
                : protocol is null ? StatusCodes.Status415UnsupportedMediaType
                : StatusCodes.Status400BadRequest;
            Unreadable(logger, connectionId, http.Response.StatusCode);
            return;
        }

        var result = invocation.Command is { } command ? await run(command) : null;
        if (invocation.Id is not { } id)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var completion = result is null ? protocol.Fail(id, Usage) : protocol.Complete(id, result);
        http.Response.ContentType = protocol.ContentType;
        http.Response.ContentLength = completion.Length;
        await http.Response.Body.WriteAsync(completion, cancellation);
    }

    [LoggerMessage(EventId = 5030, Level = LogLevel.Warning, Message = "Connection {ConnectionId} sent a message that cannot be read; answered {Status}")]
    private static partial void Unreadable(ILogger logger, string connectionId, int status);

    private sealed class ConnectionCall(InvokedCommand invoked, AccountKey account, ConnectionClaims claims, Authenticator authenticator) : ICommandCall
    {
        public string Service => invoked.Service;

        public string Command => invoked.Command;

        public async ValueTask<Result<Caller>> AuthenticateAsync(CancellationToken cancellation)
        {
            var authenticated = await authenticator.AuthenticateAsync(account, claims.SignedAt, cancellation);
            return authenticated.TryGet(out var caller, out var refused) ? caller with { Origin = claims.Origin } : refused;
        }

        public string? Parameter(string name) => null;

        public ValueTask<byte[]?> ReadBodyAsync(CancellationToken cancellation) => ValueTask.FromResult(invoked.Body);
    }
}
