using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Microsoft.Extensions.Time.Testing;
using Parley.Local.ServiceBus;

namespace Parley.Tests.ServiceBus;

/// <summary>A queue of the stand-in by itself.</summary>
public sealed class BusQueueTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void A_scheduled_message_is_handed_out_when_it_is_due_although_the_timer_was_early()
    {
        var time = new EarlyTimers();
        var queue = new BusQueue(new BusQueueOptions("jobs"), time);
        var (looks, taken) = (0, (BusMessage?)null);
        queue.Watch(() =>
        {
            looks++;
            taken ??= queue.Take(this, session: null);
        });
        queue.Add([Scheduled(time.GetUtcNow() + TimeSpan.FromSeconds(10))]);

        Pass(TimeSpan.FromSeconds(9.9));
        Assert.True(time.Early > 0);
        Assert.Null(taken);
        Pass(TimeSpan.FromSeconds(0.2));

        Assert.Equal(("later", 2), (taken?.Text, looks));

        void Pass(TimeSpan span)
        {
            for (var passed = TimeSpan.Zero; passed < span; passed += Step)
            {
                time.Advance(Step);
            }
        }
    }

    private static Message Scheduled(DateTimeOffset due) => new()
    {
        BodySection = new Data { Binary = Encoding.UTF8.GetBytes("later") },
        MessageAnnotations = new MessageAnnotations { [new Symbol("x-opt-scheduled-enqueue-time")] = due.UtcDateTime },
    };

    /// <summary>Its timers fire after nine tenths of their time.</summary>
    private sealed class EarlyTimers : FakeTimeProvider
    {
        /// <summary>How many have.</summary>
        public int Early { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(
            given =>
            {
                Early++;
                callback(given);
            },
            state,
            dueTime * 0.9,
            period);
    }
}
