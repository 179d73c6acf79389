using System.Buffers;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Parley.Local.SignalRService.Protocol;

/// <summary>One of the two hub protocols, seen from the service: it frames and unframes, and passes arguments on unread.</summary>
internal interface IClientProtocol
{
    /// <summary>The built-in protocol, which names it, knows its versions and writes control messages.</summary>
    IHubProtocol Hub { get; }

    /// <summary>What upstream calls carry a message of this protocol as.</summary>
    string ContentType { get; }

    /// <summary>Takes one message out of the buffer, without its framing.</summary>
    /// <exception cref="InvalidDataException">The framing is broken.</exception>
    bool TryUnframe(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> payload);

    /// <exception cref="InvalidDataException">The payload is no message of this protocol.</exception>
    ClientMessage Parse(byte[] payload);

    ReadOnlyMemory<byte> WriteInvocation(string target, IReadOnlyList<System.Text.Json.JsonElement> arguments);
}
