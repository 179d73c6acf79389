namespace Parley.Groups.Messages;

/// <summary>Messages as members' devices hear and read them.</summary>
public static class GroupEvents
{
    /// <summary>A message of the log; one that is gone keeps its number and says why nothing is there.</summary>
    public static GroupEvent OfMessage(GroupKey key, long epoch, GroupMessage message) => new()
    {
        Type = GroupEvent.Message,
        Timeline = message.Seq > 0 ? GroupEvent.TimelineOf(key.GroupId) : null,
        Epoch = message.Seq > 0 ? epoch : null,
        Seq = message.Seq > 0 ? message.Seq : null,
        GroupId = key.Group.GroupId,
        TopicId = key.TopicId,
        FromAccount = message.From,
        MsgRandom = message.IsTip ? null : message.Random,
        MsgTimeStamp = message.Time,
        MsgPriority = message.IsTip ? null : message.Priority.ToString(),
        MsgBody = message.IsRecalled || message.IsDeleted ? null : message.Content.MsgBody,
        CloudCustomData = message.Content.CloudCustomData,
        GroupAtInfo = message.At,
        ToAccount = message.To.Count > 0 ? message.To : null,
        OnlineOnlyFlag = message.Seq == 0 ? 1 : null,
        NeedReadReceipt = message.Content.NeedsReadReceipt ? 1 : null,
        SupportMessageExtension = message.Content.SupportsExtension ? 1 : null,
        IsSystemMsg = message.IsTip ? 1 : null,
        NoUnread = message.Seq > 0 && !message.Counts ? 1 : null,
        NoLastMsg = message.IsShownLast ? null : 1,
        IsPlaceMsg = message.IsRecalled ? 2 : message.IsDeleted ? 1 : null,
        OperatorAccount = message.IsRecalled ? message.RecalledBy : null,
        Reason = message.RecallReason.Length > 0 ? message.RecallReason : null,
    };

    /// <summary>The number of a message that its reader may not see.</summary>
    public static GroupEvent Hidden(GroupKey key, long epoch, GroupMessage message) => new()
    {
        Type = GroupEvent.Hidden,
        Timeline = GroupEvent.TimelineOf(key.GroupId),
        Epoch = epoch,
        Seq = message.Seq,
        GroupId = key.Group.GroupId,
        TopicId = key.TopicId,
        MsgTimeStamp = message.Time,
    };

    /// <summary>An entry of the log of changes about messages.</summary>
    /// <param name="by">Who did it; an administrator of the app is not named.</param>
    public static GroupEvent OfChange(GroupKey key, long epoch, string type, long sequence, IReadOnlyList<long> messages, GroupActor by) => new()
    {
        Type = type,
        Timeline = GroupEvent.ChangesOf(key.GroupId),
        Epoch = epoch,
        Seq = sequence,
        GroupId = key.Group.GroupId,
        TopicId = key.TopicId,
        OperatorAccount = by.IsAppAdmin ? "" : by.Account,
        MsgSeqList = messages,
    };
}
