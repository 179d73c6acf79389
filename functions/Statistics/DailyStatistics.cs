using System.Collections.Concurrent;
using Parley.Telemetry;

namespace Parley.Statistics;

/// <summary>What kind of conversation a message is in.</summary>
public enum MessageKind
{
    C2C,
    Group,
}

public static class MessageKinds
{
    /// <summary>As metrics say it.</summary>
    public static string ToTag(this MessageKind kind) => kind == MessageKind.C2C ? "c2c" : "group";
}

/// <summary>
/// Counts what happens in an app, day by day, in memory; <see cref="StatisticsWriter"/> writes it down every 15 seconds. Whoever does one of
/// these things calls the method named for it, once it is done: no call waits for storage.
/// </summary>
/// <remarks>A process that is killed takes the counts of its last 15 seconds with it. What the figures mean: docs/operations.md.</remarks>
public sealed class DailyStatistics(ParleyMetrics metrics, TimeProvider time)
{
    private readonly ConcurrentDictionary<(uint SdkAppId, DateOnly Day), PendingDay> _days = new();

    /// <summary>What may be waiting to be written.</summary>
    public IEnumerable<PendingDay> Days => _days.Values;

    /// <summary>An account has sent messages, or one was sent in its name.</summary>
    /// <param name="group">The group it was sent to; null for a one-to-one message.</param>
    public void MessageSentUp(uint app, MessageKind kind, string sender, string? group = null, int count = 1)
    {
        metrics.MessagesAccepted(kind.ToTag(), count);
        Count(app, figures =>
        {
            figures[kind == MessageKind.C2C ? Figure.C2CUp : Figure.GroupUp] += count;
            figures.Count(kind == MessageKind.C2C ? Distinct.C2CSenders : Distinct.GroupSenders, sender);
            if (group is not null)
            {
                figures.Count(Distinct.ActiveGroups, group);
            }
        });
    }

    /// <summary>Messages were put on their way to accounts' devices: one for each message and account.</summary>
    public void MessagesSentDown(uint app, MessageKind kind, int count) => Add(app, kind == MessageKind.C2C ? Figure.C2CDown : Figure.GroupDown, count);

    /// <summary>Pushes were handed to APNs. Those of other vendors are no figure of the API.</summary>
    public void ApnsPushesSent(uint app, MessageKind kind, int count) => Add(app, kind == MessageKind.C2C ? Figure.C2CPushes : Figure.GroupPushes, count);

    /// <summary>An account has opened a connection.</summary>
    public void LoggedIn(uint app, string account) => Count(app, figures =>
    {
        figures[Figure.Logins]++;
        figures.Count(Distinct.LoginAccounts, account);
        figures.Count(Distinct.ActiveAccounts, account);
    });

    /// <summary>An account was seen at something other than a login or sending; both of these make it active by themselves.</summary>
    public void Active(uint app, string account) => Count(app, figures => figures.Count(Distinct.ActiveAccounts, account));

    public void ConnectionOpened(uint app) => Add(app, Figure.ConnectionsOpened, 1);

    public void ConnectionClosed(uint app, DateTimeOffset openedAt)
    {
        var age = StatisticsDay.Of(time.GetUtcNow()).DayNumber - StatisticsDay.Of(openedAt).DayNumber;
        Count(app, figures => figures.CountClosed(age));
    }

    public void AccountImported(uint app) => Add(app, Figure.AccountsImported, 1);

    public void AccountDeleted(uint app) => Add(app, Figure.AccountsDeleted, 1);

    public void FriendPairsAdded(uint app, int count) => Add(app, Figure.FriendPairsAdded, count);

    public void FriendPairsRemoved(uint app, int count) => Add(app, Figure.FriendPairsRemoved, count);

    public void GroupCreated(uint app) => Add(app, Figure.GroupsCreated, 1);

    public void GroupDismissed(uint app) => Add(app, Figure.GroupsDismissed, 1);

    public void GroupJoined(uint app, int members) => Add(app, Figure.GroupJoins, members);

    public void GroupQuit(uint app, int members) => Add(app, Figure.GroupQuits, members);

    public void CallbackSent(uint app) => Add(app, Figure.CallbacksSent, 1);

    public void CallbackAnswered(uint app) => Add(app, Figure.CallbacksAnswered, 1);

    /// <summary>Something became of a callback of a command.</summary>
    /// <param name="duration">How long its request took, if that is over.</param>
    public void CountCallback(uint app, string command, CallbackCount count, TimeSpan? duration = null) => Count(app, figures => figures.CountCallback(command, count, duration));

    /// <summary>Forgets a day that is over and written.</summary>
    /// <param name="isForced">Also if it is not written.</param>
    public void Forget(PendingDay day, bool isForced = false)
    {
        if (day.TryClose(isForced))
        {
            _days.TryRemove(KeyValuePair.Create((day.SdkAppId, day.Day), day));
        }
    }

    private void Add(uint app, Figure figure, int count) => Count(app, figures => figures[figure] += count);

    private void Count(uint app, Action<DayFigures> count)
    {
        var key = (app, StatisticsDay.Of(time.GetUtcNow()));
        PendingDay day;
        while (!(day = _days.GetOrAdd(key, static key => new PendingDay(key.Item1, key.Item2))).TryCount(count))
        {
            _days.TryRemove(KeyValuePair.Create(key, day));
        }
    }
}
