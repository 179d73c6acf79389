using System.Text.Json.Serialization;
using Parley.Apps;

namespace Parley.Groups.Messages;

/// <summary>How far a group has come, and how far one of its members has.</summary>
/// <param name="Mentions">Numbers of the latest messages that mention the member and are not read.</param>
/// <param name="MentionsOfAll">Likewise, of those that mention everybody.</param>
public sealed record GroupState(
    string GroupId, GroupType Type, long Epoch, long FirstSeq, long LastSeq, long LastTime, long FirstChangeSeq, long ChangeSeq, long ReadSeq, long UnreadMsgNum, GroupRole Role,
    ReceiveOption MsgFlag, IReadOnlyList<long> Mentions, IReadOnlyList<long> MentionsOfAll)
{
    /// <summary>1: a community that may have topics; null of others.</summary>
    public int? SupportTopic { get; init; }

    /// <summary>When something of it was written last, Unix seconds.</summary>
    [JsonIgnore]
    public long WrittenAt { get; init; }

    /// <returns>Null when the member does not see the group yet.</returns>
    public static GroupState? Of(string groupId, GroupHead head, GroupMember member)
    {
        if (!head.IsActive && head.Owner != member.Account)
        {
            return null;
        }

        var sight = new GroupSight(head, member, 0);
        return new GroupState(
            groupId, head.Type, head.Epoch, sight.First, head.LastSeq, head.LastTime, head.FirstChangeSeq, head.ChangeSeq, member.ShownReadSeq(head), member.Unread(head), member.Role,
            member.Receive, Unread(member.Mentions, sight), Unread(head.MentionsOfAll, sight))
        {
            SupportTopic = head.HasTopics ? 1 : null,
        };
    }

    private static List<long> Unread(IReadOnlyList<long> numbers, GroupSight sight) =>
        [.. numbers.Where(number => number > sight.Member!.ReadSeq && number >= sight.First && !sight.Head.Recalled.Contains(number))];
}
