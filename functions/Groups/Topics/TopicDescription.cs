using System.Text.Json;
using Parley.Apps;
using Parley.Groups.Messages;
using Parley.Groups.Profiles;
using Parley.Rest;

namespace Parley.Groups.Topics;

/// <summary>A topic as answers and events show it: everything, or what has changed.</summary>
/// <remarks>Units: times are Unix seconds. Epoch, FirstSeq, LastSeq and ChangeSeq are ours: with them a device sees what it lacks, as with those of sync_groups.</remarks>
public sealed record TopicDescription
{
    public required string TopicId { get; init; }

    public string? TopicName { get; init; }

    public string? CustomString { get; init; }

    public string? FaceUrl { get; init; }

    public string? Notification { get; init; }

    public string? Introduction { get; init; }

    /// <summary>"On" or "Off".</summary>
    public string? MuteAllMember { get; init; }

    public string? ShutUpAllMember { get; init; }

    public long? CreateTime { get; init; }

    public long? LastInfoTime { get; init; }

    public long? LastMsgTime { get; init; }

    public long? NextMsgSeq { get; init; }

    public long? Epoch { get; init; }

    public long? FirstSeq { get; init; }

    public long? LastSeq { get; init; }

    public long? FirstChangeSeq { get; init; }

    public long? ChangeSeq { get; init; }

    public static TopicDescription Of(GroupKey topic, GroupHead head, GroupProfile profile) => Settings(topic, head, profile) with
    {
        CreateTime = head.CreateTime,
        LastInfoTime = profile.InfoTime,
        LastMsgTime = head.LastTime,
        NextMsgSeq = head.LastSeq + 1,
        Epoch = head.Epoch,
        FirstSeq = head.OldestSeq,
        LastSeq = head.LastSeq,
        FirstChangeSeq = head.FirstChangeSeq,
        ChangeSeq = head.ChangeSeq,
    };

    /// <summary>What is new; null when nothing is.</summary>
    public static TopicDescription? Changes(GroupKey topic, (GroupHead Head, GroupProfile Profile) before, (GroupHead Head, GroupProfile Profile) after)
    {
        var (was, now) = (Settings(topic, before.Head, before.Profile), Settings(topic, after.Head, after.Profile));
        return was == now ? null : new TopicDescription
        {
            TopicId = now.TopicId,
            TopicName = GroupDescription.IfNew(was.TopicName, now.TopicName),
            CustomString = GroupDescription.IfNew(was.CustomString, now.CustomString),
            FaceUrl = GroupDescription.IfNew(was.FaceUrl, now.FaceUrl),
            Notification = GroupDescription.IfNew(was.Notification, now.Notification),
            Introduction = GroupDescription.IfNew(was.Introduction, now.Introduction),
            MuteAllMember = GroupDescription.IfNew(was.MuteAllMember, now.MuteAllMember),
            ShutUpAllMember = GroupDescription.IfNew(was.ShutUpAllMember, now.ShutUpAllMember),
        };
    }

    public RawJson ToRawJson() => new(JsonSerializer.Serialize(this, ParleyJson.Wire.TopicDescription));

    private static TopicDescription Settings(GroupKey topic, GroupHead head, GroupProfile profile) => new()
    {
        TopicId = topic.GroupId,
        TopicName = profile.Name,
        CustomString = profile.CustomString,
        FaceUrl = profile.FaceUrl,
        Notification = profile.Notification,
        Introduction = profile.Introduction,
        MuteAllMember = GroupDescription.Switch(head.MutesAll),
        ShutUpAllMember = GroupDescription.Switch(head.MutesAll),
    };
}

/// <summary>What a member is, and has read, in a topic.</summary>
/// <param name="MuteUntil">Until when it may not speak there, by a mute there or in the community, Unix seconds; 0 when it may.</param>
/// <param name="Mentions">Numbers of the latest messages that mention the member and are not read.</param>
/// <param name="MentionsOfAll">Likewise, of those that mention everybody.</param>
public sealed record TopicSelf(
    GroupRole Role, long JoinTime, ReceiveOption MsgFlag, long ReadSeq, long UnreadMsgNum, long MuteUntil, IReadOnlyList<long> Mentions,
    IReadOnlyList<long> MentionsOfAll)
{
    /// <param name="now">Unix seconds.</param>
    public static TopicSelf Of(GroupKey topic, GroupHead head, GroupMember member, long now)
    {
        var state = GroupState.Of(topic.GroupId, head, member)!;
        var mutedUntil = member.IsMuted(now) ? Math.Max(member.MutedUntil, member.MutedInCommunityUntil) : 0;
        return new TopicSelf(member.Role, member.JoinTime, member.Receive, state.ReadSeq, state.UnreadMsgNum, mutedUntil, state.Mentions, state.MentionsOfAll);
    }
}
