using Parley.Storage;

namespace Parley.Connections;

/// <summary>Connections that open and close become rows of their accounts.</summary>
public sealed class ConnectionEvents(ConnectionTable connections)
{
    /// <param name="name"><c>connected</c> or <c>disconnected</c>; another is ignored.</param>
    public Task HandleAsync(string name, AccountKey account, string connectionId, CancellationToken cancellation) => name switch
    {
        "connected" => connections.AddAsync(account, connectionId, cancellation),
        "disconnected" => connections.RemoveAsync(account, connectionId, cancellation),
        _ => Task.CompletedTask,
    };
}
