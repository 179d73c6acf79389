using System.Collections.Concurrent;

namespace Parley.Groups.Messages;

/// <summary>The messages that this instance has lately handed over for delivery; a repeated call delivers what nobody here has.</summary>
/// <param name="atLeast">How many are remembered.</param>
internal sealed class RecentNumbers(int atLeast)
{
    private ConcurrentDictionary<(GroupKey Group, long Epoch, long Seq), bool> _current = new();
    private ConcurrentDictionary<(GroupKey Group, long Epoch, long Seq), bool> _previous = new();

    /// <summary>False when it is known.</summary>
    public bool TryAdd((GroupKey Group, long Epoch, long Seq) number)
    {
        if (_current.Count >= atLeast)
        {
            (_previous, _current) = (_current, new());
        }

        return !_previous.ContainsKey(number) && _current.TryAdd(number, true);
    }
}
