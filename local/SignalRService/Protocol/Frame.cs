namespace Parley.Local.SignalRService.Protocol;

/// <summary>Bytes for one client, complete with their framing. Not counted is the service's own chatter: handshake, ping, close.</summary>
internal readonly record struct Frame(ReadOnlyMemory<byte> Bytes, bool Counted);
