namespace Parley.Local.SignalRService.Protocol;

/// <summary>
/// What the service needs to know of a message that a client sent. Type is a number of HubProtocolConstants, InvocationId is null when the
/// client does not wait for a completion, UploadsStreams tells of streams that the client announces, Payload is the message unframed.
/// </summary>
internal sealed record ClientMessage(int Type, string? InvocationId, string? Target, bool UploadsStreams, byte[] Payload);
