namespace Parley.Groups.Messages;

/// <summary>What somebody may see of a group's messages.</summary>
/// <param name="Member">As whom it looks; null for an administrator that looks as nobody, who sees everything.</param>
/// <param name="Start">What is older, in Unix seconds, is gone.</param>
public sealed record GroupSight(GroupHead Head, GroupMember? Member, long Start)
{
    /// <summary>The first number that it may see.</summary>
    public long First => Member is null ? Head.OldestSeq
        : Math.Max(Head.OldestSeq, Math.Max(Member.ClearedSeq, Head.IsHistoryOpen ? 0 : Member.JoinSeq) + 1);

    /// <summary>Whether it may see that there is, or was, such a message.</summary>
    public bool Reaches(GroupMessage message) => message.Seq >= First && message.Time >= Start;

    /// <summary>Whether it may see a message; of a recalled one, that there was one.</summary>
    public bool Sees(GroupMessage message) => Reaches(message) && !message.IsDeleted && (Member is null || message.IsVisibleTo(Member.Account));

    /// <summary>As somebody sees a group who may do something there.</summary>
    public static GroupSight Of(GroupPartition group, GroupHead head, GroupActor actor, long start) =>
        new(head, actor.IsAppAdmin ? null : group.FindMember(actor.Account), start);
}
