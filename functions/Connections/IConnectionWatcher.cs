using Parley.Storage;

namespace Parley.Connections;

/// <summary>Something that follows from an account's device being connected or gone.</summary>
/// <remarks>Register implementations as services of this type. Events may be lost, so what follows must be found in another way too.</remarks>
public interface IConnectionWatcher
{
    /// <summary>A device is connected; its row is written.</summary>
    Task ConnectedAsync(AccountKey account, CancellationToken cancellation);

    /// <summary>A device is gone; others of the account may be connected.</summary>
    Task DisconnectedAsync(AccountKey account, CancellationToken cancellation);
}
