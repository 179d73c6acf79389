namespace Parley.Conversations;

/// <summary>A conversation of the list.</summary>
/// <param name="Time">Unix seconds; time of the last message that moves the list, 0 when there was none.</param>
/// <param name="Place">Orders conversations of the same second; from 1, stable, rarely shared.</param>
/// <param name="ModifiedAt">When anything of it last changed, by the storage's clock.</param>
public sealed record ListedConversation(ContactItem Item, long Time, int Place, bool IsPinned, DateTimeOffset ModifiedAt);

/// <summary>
/// Where a page of the list begins. All zero for the first; the last conversation of the page before, and when its first page was read.
/// </summary>
/// <param name="TimeStamp">Time of the last ordinary conversation that was given; 0 also for conversations without a time.</param>
/// <param name="StartIndex">Its place; 0 when none was given.</param>
/// <param name="TopTimeStamp">Of the latest change that the first page has seen, by the storage's clock: Unix seconds.</param>
/// <param name="TopStartIndex">Its fraction in 100 ns, plus 1; 0 when the pinned conversations were not given yet.</param>
public sealed record ListCursor(long TimeStamp, long StartIndex, long TopTimeStamp, long TopStartIndex)
{
    public bool HasPinned => TopStartIndex > 0;

    /// <summary>Whether a conversation stands behind what was given.</summary>
    public bool IsBefore(ListedConversation conversation) =>
        (TimeStamp == 0 && StartIndex == 0) || conversation.Time < TimeStamp || (conversation.Time == TimeStamp && conversation.Place > StartIndex);

    /// <summary>Whether a conversation was changed since the first page was read.</summary>
    public bool IsOlderThan(DateTimeOffset modifiedAt) => HasPinned && modifiedAt > DateTimeOffset.UnixEpoch.AddSeconds(TopTimeStamp).AddTicks(TopStartIndex - 1);

    public ListCursor SeenUpTo(DateTimeOffset latest)
    {
        var seconds = Math.Max(0, latest.ToUnixTimeSeconds());
        return this with { TopTimeStamp = seconds, TopStartIndex = Math.Max(0, (latest - DateTimeOffset.UnixEpoch.AddSeconds(seconds)).Ticks) + 1 };
    }
}

/// <summary>
/// A page of the conversation list: pinned conversations first, then the others, each newest first. Who pages with what came back is given every
/// conversation once; one that changes meanwhile may come again with the last page, and none is missed.
/// </summary>
public sealed record ListPage(IReadOnlyList<ListedConversation> Conversations, ListCursor Next, bool IsComplete)
{
    /// <param name="all">The conversations that may be listed.</param>
    /// <param name="latest">When the latest change of any conversation or setting was made, by the storage's clock.</param>
    /// <param name="pinnedFirst">Whether pinned conversations stand before the others; they are few enough for one page.</param>
    public static ListPage Take(IReadOnlyList<ListedConversation> all, DateTimeOffset latest, ListCursor cursor, int size, bool pinnedFirst)
    {
        var sorted = all.OrderByDescending(conversation => conversation.Time).ThenBy(conversation => conversation.Place).ToList();
        var pinned = cursor.HasPinned || !pinnedFirst ? [] : sorted.Where(conversation => conversation.IsPinned).ToList();
        var ordinary = sorted.Where(conversation => !(pinnedFirst && conversation.IsPinned) && cursor.IsBefore(conversation)).ToList();

        var taken = ordinary.Take(Math.Max(1, size - pinned.Count)).ToList();
        taken.AddRange(ordinary.Skip(taken.Count).TakeWhile(next => (next.Time, next.Place) == (taken[^1].Time, taken[^1].Place)));
        var isComplete = taken.Count == ordinary.Count;
        var next = taken.Count == 0 ? cursor : cursor with { TimeStamp = taken[^1].Time, StartIndex = taken[^1].Place };
        var given = pinned.Concat(taken).ToList();
        if (isComplete && cursor.HasPinned)
        {
            given.AddRange(sorted.Where(conversation => cursor.IsOlderThan(conversation.ModifiedAt)).Except(given));
        }

        return new ListPage(given, cursor.HasPinned ? next : next.SeenUpTo(latest), isComplete);
    }
}
