using Parley.Connections.Invocations;

namespace Parley.Connections.Guests;

/// <summary>What guests may do, and what follows when they go. An interface, since live rooms depend on connections and not the other way round.</summary>
public interface IGuestWatcher
{
    /// <summary>Runs what a guest invoked.</summary>
    /// <returns>The answer, a JSON object.</returns>
    Task<byte[]> RunAsync(GuestKey guest, InvokedCommand command, CancellationToken cancellation);

    /// <summary>The guest's connection is closed. The event may be lost.</summary>
    Task DisconnectedAsync(GuestKey guest, CancellationToken cancellation);
}
