using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.SignalR.Protocol;
using Parley.Local.SignalRService.Protocol;
using Parley.Local.SignalRService.Upstream;

namespace Parley.Local.SignalRService.Clients;

/// <summary>
/// Reads a client's messages and passes its calls upstream, each after the one before is answered.
/// While an upstream call runs nothing is read, so a client is not dropped for silence that the service caused.
/// </summary>
internal sealed partial class ClientMessageLoop(
    UpstreamCaller upstream, SignalRServiceOptions options, ILogger<ClientMessageLoop> logger)
{
    private const string NoStreaming = "Streaming from client to server and streaming invocations are not supported in serverless mode.";

    /// <returns>Why the connection ended; null when the client ended it in order.</returns>
    public async Task<string?> RunAsync(PipeReader input, ClientConnection client)
    {
        using var silence = options.Time.CreateTimer(
            _ => client.Close($"The client sent nothing for {options.ClientTimeout.TotalSeconds:0.###} seconds."),
            state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (true)
        {
            silence.Change(options.ClientTimeout, Timeout.InfiniteTimeSpan);
            ReadResult read;
            try
            {
                read = await input.ReadAsync(client.Ended);
            }
            catch (OperationCanceledException) when (client.Ended.IsCancellationRequested)
            {
                return client.EndReason;
            }

            silence.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            var buffer = read.Buffer;
            try
            {
                if (!await HandleAllAsync(client, read.Buffer, rest => buffer = rest))
                {
                    return null;
                }
            }
            catch (InvalidDataException e)
            {
                client.Close("The client sent a malformed message.");
                return e.Message;
            }
            finally
            {
                input.AdvanceTo(buffer.Start, buffer.End);
            }

            if (read.IsCompleted || client.Ended.IsCancellationRequested)
            {
                return client.EndReason;
            }
        }
    }

    private async Task<bool> HandleAllAsync(ClientConnection client, ReadOnlySequence<byte> buffer, Action<ReadOnlySequence<byte>> consumed)
    {
        while (client.Protocol.TryUnframe(ref buffer, out var payload))
        {
            consumed(buffer);
            if (!await HandleAsync(client, client.Protocol.Parse(payload.ToArray())))
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>False when the client says good-bye.</returns>
    private async Task<bool> HandleAsync(ClientConnection client, ClientMessage message)
    {
        switch (message.Type)
        {
            case HubProtocolConstants.CloseMessageType:
                return false;
            case HubProtocolConstants.InvocationMessageType when !message.UploadsStreams:
                await CallUpstreamAsync(client, message);
                break;
            case HubProtocolConstants.InvocationMessageType or HubProtocolConstants.StreamInvocationMessageType:
                StreamRefused(logger, client.Id, message.Target);
                Complete(client, message, NoStreaming);
                break;
            default:
                // Pings count as signs of life only. Stream items, cancellations, completions, acknowledgements have nothing to refer to.
                break;
        }

        return true;
    }

    private async Task CallUpstreamAsync(ClientConnection client, ClientMessage message)
    {
        if (message.Target is null)
        {
            throw new InvalidDataException("The invocation has no target.");
        }

        var answer = await upstream.MessageAsync(client, message);
        if (message.InvocationId is null)
        {
            return;
        }

        if (answer.ReadyFrames is { } frames)
        {
            Send(client, new Frame(frames, Counted: true));
        }
        else
        {
            Complete(client, message, answer.Error);
        }
    }

    private static void Complete(ClientConnection client, ClientMessage message, string? error)
    {
        if (message.InvocationId is { } id)
        {
            var completion = error is null ? CompletionMessage.Empty(id) : CompletionMessage.WithError(id, error);
            Send(client, new Frame(client.Protocol.Hub.GetMessageBytes(completion), Counted: true));
        }
    }

    private static void Send(ClientConnection client, Frame frame)
    {
        if (!client.TrySend(frame))
        {
            client.Abort("The client does not read what it is sent.");
        }
    }

    [LoggerMessage(EventId = 7106, Level = LogLevel.Warning, Message = "Connection {ConnectionId}: streaming call {Target} refused")]
    private static partial void StreamRefused(ILogger logger, string connectionId, string? target);
}
