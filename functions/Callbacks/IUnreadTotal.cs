using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>Counts an account's unread one-to-one messages, for bodies that say how many there are.</summary>
public interface IUnreadTotal
{
    /// <summary>0 for an account that does not exist.</summary>
    Task<long> CountAsync(AccountKey account, CancellationToken cancellation);
}
