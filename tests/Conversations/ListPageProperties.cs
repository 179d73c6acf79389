using CsCheck;
using Parley.Conversations;

namespace Parley.Tests.Conversations;

/// <summary>Paging through a conversation list, with many conversations of the same second and place, and while it changes.</summary>
public sealed class ListPageProperties
{
    private static readonly DateTimeOffset Began = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static Gen<List<ListedConversation>> Lists =>
        from count in Gen.Int[0, 60]
        from times in Gen.Long[0, 6].List[count]
        from places in Gen.Int[1, 5].List[count]
        from pinned in Gen.Bool.List[count]
        select Enumerable.Range(0, count).Select(n => new ListedConversation(
            ContactItem.WithAccount($"peer-{n}"), times[n], places[n], pinned[n] && n < 8, Began.AddTicks(n * 7_777L))).ToList();

    /// <summary>Changes of one conversation: a new message, or being pinned or not.</summary>
    private sealed record Step(int Conversation, bool IsPin);

    [Fact]
    public void A_list_that_does_not_change_is_given_once_each_in_order() => Gen.Select(Lists, Gen.Int[1, 12], Gen.Bool).Sample((list, size, pinnedFirst) =>
    {
        var given = Pages(list, size, pinnedFirst, _ => { });

        Assert.Equal(list.Count, given.Count);
        Assert.Equal(list.Select(one => one.Item.Key).Order(), given.Select(one => one.Item.Key).Order());
        var expected = list.OrderByDescending(one => pinnedFirst && one.IsPinned).ThenByDescending(one => one.Time).ThenBy(one => one.Place);
        Assert.Equal(expected.Select(one => (one.Time, one.Place)), given.Select(one => (one.Time, one.Place)));
    });

    [Fact]
    public void A_list_that_changes_between_pages_loses_none_and_repeats_only_what_changed() =>
        Gen.Select(Lists, Gen.Int[1, 12], Gen.Bool, Gen.Select(Gen.Int[0, 59], Gen.Bool, (n, pin) => new Step(n, pin)).List[0, 30]).Sample((list, size, pinnedFirst, steps) =>
        {
            var (clock, changed, waiting) = (Began.AddSeconds(1), new HashSet<string>(), new Queue<Step>(steps));
            var original = list.Select(one => one.Item.Key).Order().ToList();

            var given = Pages(list, size, pinnedFirst, current =>
            {
                foreach (var step in waiting.Take(3).ToList())
                {
                    waiting.Dequeue();
                    if (step.Conversation < current.Count)
                    {
                        var before = current[step.Conversation];
                        clock = clock.AddTicks(1);
                        current[step.Conversation] = step.IsPin ? before with { IsPinned = !before.IsPinned, ModifiedAt = clock } : before with { Time = 10 + (clock - Began).Ticks, ModifiedAt = clock };
                        changed.Add(before.Item.Key);
                    }
                }
            });

            Assert.Equal(original, given.Select(one => one.Item.Key).Distinct().Order());
            Assert.All(given.GroupBy(one => one.Item.Key).Where(same => same.Count() > 1), same => Assert.Contains(same.Key, changed));
        });

    private static List<ListedConversation> Pages(List<ListedConversation> list, int size, bool pinnedFirst, Action<List<ListedConversation>> between)
    {
        var current = list.ToList();
        var given = new List<ListedConversation>();
        for (var cursor = new ListCursor(0, 0, 0, 0); ;)
        {
            var latest = current.Select(one => one.ModifiedAt).Append(DateTimeOffset.MinValue).Max();
            var page = ListPage.Take(current, latest, cursor, size, pinnedFirst);
            given.AddRange(page.Conversations);
            if (page.IsComplete)
            {
                return given;
            }

            Assert.NotEmpty(page.Conversations);
            Assert.All([page.Next.TimeStamp, page.Next.StartIndex, page.Next.TopTimeStamp, page.Next.TopStartIndex], number => Assert.InRange(number, 0, uint.MaxValue));
            cursor = page.Next;
            between(current);
        }
    }
}
