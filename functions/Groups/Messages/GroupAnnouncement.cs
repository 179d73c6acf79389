using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>What a change of a group tells its members: written with the change, told when that is committed.</summary>
/// <param name="Tips">Entries of the log of messages, where the type has such.</param>
/// <param name="Change">An entry of the log of changes, where the group stores any.</param>
/// <param name="Pushed">For those who are connected, where it stores nothing.</param>
public sealed record GroupAnnouncement(GroupHead Head, IReadOnlyList<GroupMessage> Tips, GroupChange? Change, GroupEvent? Pushed)
{
    /// <summary>Writes it, and the head with it.</summary>
    /// <param name="type">One of <see cref="GroupEvent"/>.</param>
    /// <param name="by">Who did it; empty for an administrator of the app.</param>
    /// <param name="content">What it says; its shape is that of the type.</param>
    public static GroupAnnouncement Write(GroupPartition group, GroupHead head, string type, string by, RawJson content, params IReadOnlyList<GroupTip> tips)
    {
        var key = group.Key;
        var said = new GroupEvent { Type = type, GroupId = key.Group.GroupId, TopicId = key.TopicId, OperatorAccount = by, MsgTimeStamp = group.NowSeconds, Content = content };
        if (head.Traits.IsLive)
        {
            group.Put(head);
            return new GroupAnnouncement(head, [], null, said);
        }

        var stored = new List<GroupMessage>();
        foreach (var tip in head.Traits.Tips == TipKind.Stored && head.IsActive ? tips : [])
        {
            var appended = group.AppendTip(head, tip);
            stored.Add(tip.ToMessage(head.Counted) with { Seq = appended.Sequence, Time = appended.Time });
            head = group.Head!;
        }

        var change = group.AppendChange(head, type, sequence => said with { Timeline = GroupEvent.ChangesOf(key.GroupId), Epoch = head.Epoch, Seq = sequence });
        return new GroupAnnouncement(head, stored, change, null);
    }
}

/// <summary>Tells members what a change has written for them.</summary>
public sealed class GroupAnnouncements(GroupDelivery delivery)
{
    /// <summary>Tells it; nobody but the owner sees a group that is not active, so nobody hears of it.</summary>
    public async ValueTask SendAsync(GroupKey key, GroupAnnouncement said)
    {
        var epoch = said.Head.Epoch;
        foreach (var tip in said.Tips)
        {
            await delivery.SendAsync(key, said.Head.HeardEpoch, GroupEvents.OfMessage(key, epoch, tip));
        }

        if (said.Change is { } change && said.Head.IsActive)
        {
            await delivery.SendAsync(key, said.Head.HeardEpoch, change);
        }

        if (said.Pushed is { } pushed)
        {
            await delivery.SendAsync(key, said.Head.Type, epoch, pushed);
        }
    }
}
