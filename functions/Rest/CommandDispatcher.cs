using System.Diagnostics;
using System.Text.Json;
using Parley.Telemetry;

namespace Parley.Rest;

/// <summary>A call of a command, however it came in.</summary>
public interface ICommandCall
{
    string Service { get; }

    string Command { get; }

    /// <summary>Finds out who calls.</summary>
    ValueTask<Result<Caller>> AuthenticateAsync(CancellationToken cancellation);

    /// <summary>A parameter of the URL; null when there is none.</summary>
    string? Parameter(string name);

    /// <summary>The bytes of the request; null when they are more than <see cref="CommandDispatcher.MaxBodyBytes"/>.</summary>
    ValueTask<byte[]?> ReadBodyAsync(CancellationToken cancellation);
}

/// <summary>Runs commands: finds the command, authenticates the caller, reads the body as JSON, and has an answer whatever happens.</summary>
/// <remarks>The order of the checks is that of the API reference, protocol §4.</remarks>
public sealed partial class CommandDispatcher(CommandRegistry commands, ParleyMetrics metrics, ILogger<CommandDispatcher> logger)
{
    /// <summary>Far above the largest legal request, a message to 500 accounts; commands check their own limits.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    // For metrics: what no command is called is a caller's text.
    private const string Unknown = "unknown";

    /// <summary>Runs a command.</summary>
    /// <returns>Its answer, a JSON object.</returns>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async Task<byte[]> RunAsync(ICommandCall call, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        if (!commands.TryFind(call.Service, call.Command, out var command))
        {
            metrics.CommandRun(Unknown, Unknown, ApiError.UnknownCommand.Code, Stopwatch.GetElapsedTime(began));
            return Failure(ApiError.UnknownCommand);
        }

        using var span = ParleyTracing.StartCommand(call.Service, call.Command);
        var (answer, code) = await RunAsync(call, command, cancellation);
        span?.SetTag("parley.code", code);
        metrics.CommandRun(call.Service, call.Command, code, Stopwatch.GetElapsedTime(began));
        return answer;
    }

    private async Task<(byte[] Answer, int Code)> RunAsync(ICommandCall call, RegisteredCommand command, CancellationToken cancellation)
    {
        try
        {
            var result = await TryRunAsync(call, command, cancellation);
            return result.TryGet(out var answer, out var error) ? (answer.Json, answer.Code) : (Failure(error, command.Errors.HasDisplay), error.Code);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            ParleyTracing.Fail(e);
            CommandFailed(logger, call.Service, call.Command, e);
            return (Failure(command.Errors.Internal, command.Errors.HasDisplay), command.Errors.Internal.Code);
        }
    }

    private static async Task<Result<CommandAnswer>> TryRunAsync(ICommandCall call, RegisteredCommand command, CancellationToken cancellation)
    {
        if (!(await call.AuthenticateAsync(cancellation)).TryGet(out var caller, out var refused))
        {
            return refused;
        }

        if (await call.ReadBodyAsync(cancellation) is not { } body)
        {
            return command.Errors.TooLarge;
        }

        using var json = JsonBody.TryParseObject(body);
        return json is null ? command.Errors.BadJson
            : command.Callers == Callers.Admins && !caller.IsAdmin ? ApiError.AdminRequired
            : await command.RunAsync(caller, new FieldReader(json.RootElement) { Parameter = call.Parameter }, cancellation);
    }

    private static byte[] Failure(ApiError error, bool hasDisplay = false) => hasDisplay
        ? JsonSerializer.SerializeToUtf8Bytes(DisplayEnvelope.Failure(error), ParleyJson.Wire.DisplayEnvelope)
        : JsonSerializer.SerializeToUtf8Bytes(Envelope.Failure(error), ParleyJson.Wire.Envelope);

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Service}/{Command} failed")]
    private static partial void CommandFailed(ILogger logger, string service, string command, Exception exception);
}
