using Parley.Accounts;
using Parley.Storage;

namespace Parley.Events;

/// <summary>
/// The events of an account, in its partition of table <c>accounts</c>: head <c>e</c> (<see cref="EventHead"/>) and entries <c>e|{seq}</c> with dense numbers,
/// at most 100 and seven days of them.
/// </summary>
public static class EventTimeline
{
    public static readonly TimelineRows Rows = new("e", "e|", "");

    /// <summary>Room for these and for what else the change writes must be in one transaction. One comes with each append, so the rest goes with the next ones.</summary>
    private const int MostDeleted = 20;

    /// <summary>Whether an event of that name is stored: tells a change in a replay that it was committed.</summary>
    public static bool Has(PartitionView view, string id) => EventHead.FromRow(view.Get(Rows.Head)).Find(id) is not null;

    /// <summary>The stored event of that name; null when there is none, or none any more. For a change in a replay, whose devices may not have heard of it.</summary>
    public static StoredEvent? Find(PartitionView view, string id) =>
        EventHead.FromRow(view.Get(Rows.Head)).Find(id) is { } kept && view.Get(Rows.Entry(kept.Seq)) is { } row ? StoredEvent.FromRow(row) : null;

    /// <summary>Appends an event inside any change of the account's partition: what happened and its event are one transaction.</summary>
    /// <returns>The event as the account's devices shall hear it, also when it was stored before; null when the account does not exist.</returns>
    /// <exception cref="ArgumentException">The content is too long.</exception>
    public static StoredEvent? Append(PartitionView view, AccountEvent happened, DateTimeOffset now)
    {
        if (happened.Content.Text.Length > AccountEvent.MaxContentCharacters)
        {
            throw new ArgumentException("The content is too long.", nameof(happened));
        }

        var row = view.Get(Rows.Head);
        var head = EventHead.FromRow(row);
        if (head.Find(happened.Id) is { } before)
        {
            return new StoredEvent(happened.Type, before.Seq, before.Time, happened.Content);
        }

        if (row is null && !view.ExistsLikely(AccountTable.AccountRow))
        {
            return null;
        }

        var old = head.Kept.TakeWhile((kept, n) => n < MostDeleted && (head.Kept.Count - n >= EventHead.MostKept || EventHead.IsOld(kept.Time, now))).ToList();
        var appended = Timeline.AppendNameless(view, Rows, row, StoredEvent.ToRow(happened), now.ToUnixTimeSeconds(), now, (next, entry) =>
        {
            List<KeptEvent> kept = [.. head.Kept.Skip(old.Count), new KeptEvent(entry.Sequence, entry.Time, EventHead.MarkOf(happened.Id))];
            EventHead.Write(next, kept);
            next["FirstSeq"] = kept[0].Seq;
            next["FirstTime"] = kept[0].Time;
        });
        old.ForEach(kept => view.DeleteLikely(Rows.Entry(kept.Seq)));
        return new StoredEvent(happened.Type, appended.Sequence, appended.Time, happened.Content);
    }
}
