namespace Parley.Connections.Invocations;

/// <summary>One of the two hub protocols that clients speak. Messages come without their framing, completions are made with it.</summary>
/// <remarks>Source: SignalR's hub protocol; the service's contract, upstream.</remarks>
public interface IInvocationProtocol
{
    /// <summary>What the service says a message of this protocol is.</summary>
    string ContentType { get; }

    /// <summary>Reads a message; null when not even its invocation id can be read.</summary>
    Invocation? Read(byte[] message);

    /// <summary>Completes an invocation.</summary>
    /// <param name="result">JSON.</param>
    byte[] Complete(string id, byte[] result);

    /// <summary>Completes an invocation with an error, which official clients throw.</summary>
    byte[] Fail(string id, string error);
}
