using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Parley.Rest;

/// <summary>
/// <c>POST /v4/{service}/{command}?sdkappid&amp;identifier&amp;usersig&amp;random&amp;contenttype=json</c>: finds the command, authenticates the
/// caller, reads the body as JSON whatever its content type says, and answers HTTP 200 whatever happens.
/// </summary>
/// <remarks>The order of the checks is that of the API reference, protocol §4.</remarks>
public sealed partial class CommandEndpoint(CommandRegistry commands, Authenticator authenticator, ILogger<CommandEndpoint> logger)
{
    /// <summary>Far above the largest legal request, a message to 500 accounts; commands check their own limits.</summary>
    private const int MaxBodyBytes = 256 * 1024;

    public async Task HandleAsync(HttpContext http)
    {
        var service = (string?)http.Request.RouteValues["service"] ?? "";
        var name = (string?)http.Request.RouteValues["command"] ?? "";
        Result<byte[]> result;
        if (!commands.TryFind(service, name, out var command))
        {
            result = ApiError.UnknownCommand;
        }
        else
        {
            try
            {
                result = await RunAsync(http, command);
            }
            catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                CommandFailed(logger, service, name, e);
                result = command.Errors.Internal;
            }
        }

        await WriteAsync(http, result);
    }

    private async Task<Result<byte[]>> RunAsync(HttpContext http, RegisteredCommand command)
    {
        var cancellation = http.RequestAborted;
        if (!(await authenticator.AuthenticateAsync(http.Request.Query, cancellation)).TryGet(out var caller, out var refused))
        {
            return refused;
        }

        if (await ReadBodyAsync(http.Request.BodyReader, cancellation) is not { } body)
        {
            return command.Errors.TooLarge;
        }

        using var json = JsonBody.TryParseObject(body);
        return json is null ? command.Errors.BadJson
            : command.Callers == Callers.Admins && !caller.IsAdmin ? ApiError.AdminRequired
            : await command.RunAsync(caller, json.RootElement, cancellation);
    }

    // Null when it is too large. It is read to its end all the same: a proxy that still sends takes an early answer for a fault.
    internal static async Task<byte[]?> ReadBodyAsync(PipeReader reader, CancellationToken cancellation)
    {
        var isTooLarge = false;
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            isTooLarge |= read.Buffer.Length > MaxBodyBytes;
            if (read.IsCompleted)
            {
                var body = isTooLarge ? null : read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(isTooLarge ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task WriteAsync(HttpContext http, Result<byte[]> result)
    {
        var bytes = result.TryGet(out var response, out var error)
            ? response
            : JsonSerializer.SerializeToUtf8Bytes(Envelope.Failure(error), ParleyJson.Wire.Envelope);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Service}/{Command} failed")]
    private static partial void CommandFailed(ILogger logger, string service, string command, Exception exception);
}
