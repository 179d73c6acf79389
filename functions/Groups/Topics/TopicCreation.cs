using Parley.Apps;
using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Topics;

/// <summary>A topic that is to be created.</summary>
/// <param name="TopicId">Null to be given one.</param>
/// <param name="By">Who creates it, as members are told; empty for an administrator of the app.</param>
public sealed record NewTopic(string? TopicId, GroupProfile Profile, GroupActor Actor, string By)
{
    /// <summary>Unix seconds; null for now.</summary>
    public long? CreateTime { get; init; }

    /// <summary>It comes from another system: nobody is told.</summary>
    public bool IsImported { get; init; }

    public required CallbackCause Cause { get; init; }
}

/// <summary>Creates topics: one transaction in the community's partition.</summary>
public sealed class TopicCreation(GroupStore groups, TopicRemoval removal, GroupAnnouncements announcements, GroupCallbacks callbacks)
{
    /// <summary>Creates a topic.</summary>
    /// <returns>Its key; 10007 not permitted, 10010 no such community, 10021 there is one of that name, 10037 too many, 11000 the community has no topics.</returns>
    public async Task<Result<GroupKey>> CreateAsync(GroupKey community, NewTopic topic, CancellationToken cancellation)
    {
        var key = topic.TopicId is null ? community.Topic(GroupKey.NewLetters()) : community with { GroupId = topic.TopicId };
        var attempt = Guid.NewGuid().ToString("N");
        var callback = topic.IsImported ? null : callbacks.Begin(topic.Cause, CallbackCommands.AfterCreateTopic);
        if (topic.TopicId is not null)
        {
            await removal.FinishAsync(key, cancellation);
        }

        var created = await groups.ApplyAsync(community, group => Create(group, key, topic, attempt, callback), cancellation);
        if (!created.TryGet(out var outcome, out var error))
        {
            return error;
        }

        if (outcome.Said is { } said)
        {
            await announcements.SendAsync(community, said);
        }

        return key;
    }

    private static Result<Created> Create(GroupPartition community, GroupKey key, NewTopic topic, string attempt, AfterCallback? callback)
    {
        var (list, rows) = (TopicList.Of(community), community.Topic(key));
        var (head, existing, before) = (community.Head, rows.Head, rows.Profile);
        var isBeingRemoved = rows.Rows.Get(GroupPartition.MarkerRow) is not null;
        if (head is null)
        {
            return ApiError.GroupNotFound;
        }

        if (community.RefuseChange(head, GroupAction.ManageTopics, topic.Actor) is { } refusal)
        {
            return refusal;
        }

        if (existing is not null || isBeingRemoved)
        {
            // A second run of the same attempt finds its own topic.
            return before.Attempt == attempt ? new Created(null) : ApiError.TopicIdTaken;
        }

        if (!head.HasTopics || list.Names.Count >= TopicList.MostTopics)
        {
            return head.HasTopics ? ApiError.TooManyTopics : ApiError.TopicsNotSupported;
        }

        var profile = topic.Profile with { InfoTime = community.NowSeconds, Attempt = attempt };
        rows.Begin(HeadOf(community, head, topic), profile);
        new TopicList([.. list.Names, TopicList.NameOf(key)]).WriteTo(community);
        callback?.Append(community, ToFields(community, head, key, topic));
        return new Created(Announce(community, head, TopicDescription.Of(key, rows.Head!, profile), topic));
    }

    private static GroupHead HeadOf(GroupPartition community, GroupHead head, NewTopic topic) => new()
    {
        Type = GroupType.Community,
        Owner = head.Owner,
        CreateTime = topic.CreateTime ?? community.NowSeconds,
        MaxMembers = head.MaxMembers,
        Applying = head.Applying,
        Number = head.Number,
    };

    private static GroupAnnouncement? Announce(GroupPartition community, GroupHead head, TopicDescription created, NewTopic topic)
    {
        if (topic.IsImported)
        {
            community.Put(head);
            return null;
        }

        return GroupAnnouncement.Write(community, head, GroupEvent.Topics, topic.By, new TopicsChange { Created = [created] }.ToRawJson());
    }

    private static GroupCallbackFields ToFields(GroupPartition community, GroupHead head, GroupKey key, NewTopic topic) => GroupCallbackFields.Of(key, head, community.Now) with
    {
        OperatorAccount = topic.Cause.Account,
        OwnerAccount = head.Owner,
        Name = topic.Profile.Name,
        UserDefinedDataList = [],
    };

    private sealed record Created(GroupAnnouncement? Said);
}
