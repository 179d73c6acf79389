using System.Collections.Concurrent;
using System.Diagnostics;
using Parley.Apps;
using Parley.Groups.Messages;
using Parley.Rest;
using Parley.Statistics;
using Parley.Telemetry;

namespace Parley.Groups.Live;

/// <summary>
/// Sends a message to a live room: one delivery, nothing stored. What decides (whether there is such a room, who is muted in it) is remembered for some seconds.
/// </summary>
/// <remarks>
/// MsgSeq tells messages of one instance apart and orders them: tenths of seconds since the room was created, or one more than the last.
/// The rate is each instance's own: nothing is written that others could see. Only the callback after sending is stored, where the app has switched it on: one transaction.
/// </remarks>
public sealed class LiveMessageSender(LiveRooms rooms, GroupDelivery delivery, GroupMessageCallbacks callbacks, DailyStatistics statistics, ParleyMetrics metrics, TimeProvider time)
{
    private const int MostCounted = 10_000;

    private readonly ConcurrentDictionary<GroupKey, Room> _rooms = new();

    /// <summary>Sends a message.</summary>
    /// <returns>Its number; 10010 no such room, 10007 not permitted, 10017 muted.</returns>
    public async Task<Result<SentGroupMessage>> SendAsync(App app, OutgoingGroupMessage message, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        if (await rooms.FindAsync(message.Group, cancellation) is not { Head.Traits.IsLive: true } room)
        {
            return ApiError.GroupNotFound;
        }

        var now = time.GetUtcNow();
        if (room.FindObjection(message, now.ToUnixTimeSeconds()) is { } objection)
        {
            return objection;
        }

        if (_rooms.Count >= MostCounted)
        {
            _rooms.Clear();
        }

        var counter = _rooms.GetOrAdd(message.Group, static _ => new Room());
        if (!counter.TryCount(now, room.Head, message.Message.Priority, app.GroupMessagesPerSecond, out var number))
        {
            return new SentGroupMessage(0, now.ToUnixTimeSeconds(), true, room.Head);
        }

        var sent = new SentGroupMessage(number, now.ToUnixTimeSeconds(), false, room.Head);
        statistics.MessageSentUp(message.Group.SdkAppId, MessageKind.Group, message.Message.From, message.Group.GroupId);
        await callbacks.AppendAsync(message, sent);
        await delivery.SendLiveAsync(message, sent);
        metrics.MessageTimed(MessageKind.Group.ToTag(), Stopwatch.GetElapsedTime(began));
        return sent;
    }

    /// <summary>What an instance counts of a room.</summary>
    private sealed class Room
    {
        private readonly Lock _gate = new();
        private MessageRate _rate = MessageRate.Empty;
        private long _last;

        public bool TryCount(DateTimeOffset now, GroupHead head, MessagePriority priority, int limit, out long number)
        {
            lock (_gate)
            {
                (var isAccepted, _rate) = _rate.Offer(now.ToUnixTimeSeconds(), priority, limit);
                number = isAccepted ? _last = Math.Max(_last + 1, (now.ToUnixTimeMilliseconds() - head.Epoch) / 100) : 0;
                return isAccepted;
            }
        }
    }
}
