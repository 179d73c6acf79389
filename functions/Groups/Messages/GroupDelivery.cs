using Parley.Apps;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>Tells a group's members what happened: one call to SignalR, whatever the group's size.</summary>
public sealed class GroupDelivery(Outbox outbox)
{
    private const int RememberedAtLeast = 10_000;

    private readonly RecentNumbers _delivered = new(RememberedAtLeast);

    /// <summary>Tells of a message, unless this instance has done so before.</summary>
    public async ValueTask SendAsync(OutgoingGroupMessage outgoing, SentGroupMessage sent)
    {
        var key = outgoing.Group;
        if (sent.Seq > 0 && (sent.Relation == EntryRelation.SameNameOnly || !_delivered.TryAdd((key, sent.Head.Epoch, sent.Seq))))
        {
            return;
        }

        var message = outgoing.Message with { Seq = sent.Seq, Time = sent.Time };
        var told = WithNames(GroupEvents.OfMessage(key, sent.Head.Epoch, message), outgoing, sent);
        if (message.To.Count == 0)
        {
            await SendAsync(key, sent.Head.HeardEpoch, told);
            return;
        }

        // The others learn that the number is taken, so that they look for no gap.
        foreach (var account in message.To.Append(message.From).Distinct())
        {
            await outbox.SendAsync(new AccountKey(key.SdkAppId, account), told.ToJson());
        }

        if (sent.Seq > 0)
        {
            await SendAsync(key, sent.Head.HeardEpoch, GroupEvents.Hidden(key, sent.Head.Epoch, message));
        }
    }

    /// <summary>Tells of a message of a live room; a BChatRoom is heard by everybody who is connected.</summary>
    public ValueTask SendLiveAsync(OutgoingGroupMessage outgoing, SentGroupMessage sent)
    {
        var key = outgoing.Group;
        var told = GroupEvents.OfMessage(key, sent.Head.Epoch, outgoing.Message with { Time = sent.Time }) with { MsgSeq = sent.Seq, OnlineOnlyFlag = null };
        return SendAsync(key, sent.Head.Type, sent.Head.Epoch, WithNames(told, outgoing, sent));
    }

    /// <summary>Tells of anything, in a group of any type.</summary>
    /// <param name="epoch"><see cref="GroupHead.HeardEpoch"/>, as below.</param>
    public ValueTask SendAsync(GroupKey key, GroupType type, long epoch, GroupEvent told) => GroupTraits.Of(type).IsHeardByAll
        ? outbox.SendAsync(DeliveryTarget.App(key.SdkAppId), told.ToJson())
        : SendAsync(key, epoch, told);

    /// <summary>Tells of anything.</summary>
    public ValueTask SendAsync(GroupKey key, long epoch, GroupEvent told) =>
        outbox.SendAsync(DeliveryTarget.Group(key.SdkAppId, key.SignalRGroup(epoch)), told.ToJson());

    /// <summary>Tells of a change as it stands in the log of changes.</summary>
    public ValueTask SendAsync(GroupKey key, long epoch, GroupChange change) =>
        outbox.SendAsync(DeliveryTarget.Group(key.SdkAppId, key.SignalRGroup(epoch)), System.Text.Encoding.UTF8.GetBytes(change.Json.Text));

    private static GroupEvent WithNames(GroupEvent told, OutgoingGroupMessage outgoing, SentGroupMessage sent) =>
        told with { FromNick = outgoing.Nick, FromNameCard = sent.NameCard };
}
