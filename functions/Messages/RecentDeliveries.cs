using System.Collections.Concurrent;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// The stored messages that this instance has lately handed over for delivery. A repeated call delivers what nobody here has: the
/// first call may have died, or given up, between storing and delivering.
/// </summary>
/// <remarks>Another instance may deliver once more; clients drop a number that they have.</remarks>
public sealed class RecentDeliveries
{
    private const int GenerationSize = 10_000;

    private ConcurrentDictionary<(AccountKey Owner, string Peer, long Sequence), bool> _current = new();
    private ConcurrentDictionary<(AccountKey Owner, string Peer, long Sequence), bool> _previous = new();

    /// <summary>Whether the caller is the first to deliver that message of that copy.</summary>
    public bool TryBegin(AccountKey owner, string peer, long sequence)
    {
        if (_current.Count >= GenerationSize)
        {
            (_previous, _current) = (_current, new());
        }

        return !_previous.ContainsKey((owner, peer, sequence)) && _current.TryAdd((owner, peer, sequence), true);
    }
}
