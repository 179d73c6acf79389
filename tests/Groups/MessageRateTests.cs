using CsCheck;
using Parley.Groups.Messages;

namespace Parley.Tests.Groups;

public sealed class MessageRateTests
{
    private static Gen<(int Step, MessagePriority Priority)> Offers =>
        from step in Gen.Frequency((20, Gen.Const(0)), (1, Gen.Int[-1, 3]))
        from priority in Gen.Int[1, 4]
        select (step, (MessagePriority)priority);

    [Fact]
    public void Never_more_than_the_limit_is_let_through_in_a_second_and_the_text_keeps_everything() =>
        Gen.Select(Offers.Array[1, 300], Gen.Int[1, 50]).Sample((offers, limit) =>
        {
            var (rate, second) = (MessageRate.Empty, 1_700_000_000L);
            var accepted = new Dictionary<long, int>();
            foreach (var (step, priority) in offers)
            {
                second += step;
                (var isAccepted, rate) = rate.Offer(second, priority, limit);
                accepted[rate.Second] = accepted.GetValueOrDefault(rate.Second) + (isAccepted ? 1 : 0);
                Assert.Equal($"{rate}", $"{MessageRate.Parse($"{rate}")}");
            }

            Assert.All(accepted.Values, count => Assert.InRange(count, 0, limit));
        });

    [Fact]
    public void While_there_is_room_everybody_is_let_through() =>
        Gen.Int[1, 4].Array[1, 40].Sample(priorities =>
        {
            var rate = MessageRate.Empty;
            foreach (var priority in priorities)
            {
                (var isAccepted, rate) = rate.Offer(1_700_000_000, (MessagePriority)priority, 40);
                Assert.True(isAccepted);
            }
        });

    [Fact]
    public void Under_a_steady_pressure_higher_priorities_win() =>
        Gen.Select(Gen.Int[1, 39], Gen.Int[41, 200], Gen.Int[0, int.MaxValue]).Sample((high, low, seed) =>
        {
            // The second before has shown how much of each comes; the order within a second is any.
            var (rate, limit) = (MessageRate.Empty, 40);
            var counts = new Dictionary<MessagePriority, int>();
            for (var second = 0; second < 3; second++)
            {
                var offers = Enumerable.Repeat(MessagePriority.High, high).Concat(Enumerable.Repeat(MessagePriority.Lowest, low)).ToArray();
                new Random(seed + second).Shuffle(offers);
                counts = offers.GroupBy(priority => priority).ToDictionary(group => group.Key, _ => 0);
                foreach (var priority in offers)
                {
                    (var isAccepted, rate) = rate.Offer(1_700_000_000 + second, priority, limit);
                    counts[priority] += isAccepted ? 1 : 0;
                }
            }

            Assert.Equal((high, limit - high), (counts[MessagePriority.High], counts[MessagePriority.Lowest]));
        });
}
