using Parley.Groups.Messages;

namespace Parley.Groups.Live;

/// <summary>
/// Tells those in a live room who comes and goes: at once where little happens, and at most four times a second and kind where much does, many accounts in one event. Stored nowhere.
/// </summary>
/// <remarks>The bound is each instance's own. Of a kind at most 50 accounts are named a time; the others are only counted (get_online_member_num).</remarks>
public sealed class LiveTips(GroupDelivery delivery, TimeProvider time)
{
    private const int MostNamed = 50;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Dictionary<(GroupKey Room, long Epoch), List<(TipKindOfChange Kind, string Account)>> _waiting = [];

    /// <summary>Tells of an account; returns before it is told.</summary>
    public void Add(GroupKey room, long epoch, TipKindOfChange kind, string account)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue((room, epoch), out var waiting))
            {
                waiting.Add((kind, account));
                return;
            }

            _waiting[(room, epoch)] = [(kind, account)];
        }

        _ = TellAllAsync(room, epoch);
    }

    // Ends when nothing has come for as long as must lie between two events.
    private async Task TellAllAsync(GroupKey room, long epoch)
    {
        while (Take(room, epoch) is { Count: > 0 } taken)
        {
            foreach (var tips in taken.GroupBy(tip => tip.Kind, tip => tip.Account))
            {
                await TellAsync(room, epoch, tips.Key, [.. tips.Distinct().Take(MostNamed)]);
            }

            await Task.Delay(Interval, time);
        }
    }

    private List<(TipKindOfChange Kind, string Account)> Take(GroupKey room, long epoch)
    {
        lock (_gate)
        {
            var taken = _waiting[(room, epoch)];
            if (taken.Count == 0)
            {
                _waiting.Remove((room, epoch));
            }
            else
            {
                _waiting[(room, epoch)] = [];
            }

            return taken;
        }
    }

    private ValueTask TellAsync(GroupKey room, long epoch, TipKindOfChange kind, IReadOnlyList<string> accounts)
    {
        var isOwnDoing = accounts.Count == 1 && kind is TipKindOfChange.Join or TipKindOfChange.Quit;
        var message = new GroupTip(kind, isOwnDoing ? accounts[0] : "", accounts).ToMessage(counted: 0) with { Time = time.GetUtcNow().ToUnixTimeSeconds() };
        return delivery.SendAsync(room, epoch, GroupEvents.OfMessage(room, epoch, message) with { OnlineOnlyFlag = null });
    }
}
