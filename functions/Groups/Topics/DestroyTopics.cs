using System.Text.Json;
using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Topics;

/// <summary>
/// Deletes topics of a community, with all that was said there.
/// <code>
/// POST /v4/million_group_open_http_svc/destroy_topic
/// { "GroupId": "@TGS#_city", "TopicIdList": [ "@TGS#_city@TOPIC#_food", "@TGS#_city@TOPIC#_nope" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "DestroyResultItem": [
///     { "TopicId": "@TGS#_city@TOPIC#_food", "ErrorCode": 0, "ErrorInfo": "" }, { "TopicId": "@TGS#_city@TOPIC#_nope", "ErrorCode": 110003, "ErrorInfo": "…" } ] }
/// </code>
/// </summary>
/// <remarks>
/// Members' devices hear a GroupTopics with the names as Destroyed. Callback Group.CallbackAfterTopicDestroyed with those that were deleted. Of more than 40 there are several.
/// Errors of an item: 10015 the name, 110003 there is none. Errors: 10004 a parameter, 10007 not permitted, 10010 no such community, 10015, 11000 no community, 60010 another From_Account than the caller.
/// Source: API reference, groups §10.
/// </remarks>
public sealed class DestroyTopics(GroupStore groups, TopicRemoval removal, GroupAnnouncements announcements, GroupCallbacks callbacks) : ICommand<DestroyTopicsRequest, DestroyTopicsResponse>
{
    // Two rows for each topic, and some besides.
    private const int AtOnce = GroupStore.RowsAtOnce / 2;

    public async Task<Result<DestroyTopicsResponse>> HandleAsync(Caller caller, DestroyTopicsRequest request, CancellationToken cancellation)
    {
        if (caller.RefuseAs(request.From, "From_Account") is { } forbidden)
        {
            return forbidden;
        }

        var community = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var topics = request.TopicIds.Distinct().Where(id => GroupKey.IsTopicOf(request.GroupId, id)).Select(id => community with { GroupId = id }).ToList();
        var callback = callbacks.Begin(CallbackCause.Of(caller), CallbackCommands.AfterTopicsDeleted);
        var by = request.From ?? caller.Doer;
        var gone = new List<GroupKey>();
        foreach (var some in topics.Chunk(AtOnce).DefaultIfEmpty([]))
        {
            var attempt = Guid.NewGuid().ToString("N");
            var ended = await groups.ApplyAsync(community, group => Destroy(group, some, GroupActor.Of(caller, request.From), by, attempt, callback), cancellation);
            if (!ended.TryGet(out var outcome, out var error))
            {
                return error;
            }

            gone.AddRange(outcome.Gone);
            if (outcome.Said is { } said)
            {
                await announcements.SendAsync(community, said);
            }
        }

        foreach (var topic in gone)
        {
            await removal.FinishAsync(topic, CancellationToken.None);
        }

        return new DestroyTopicsResponse { DestroyResultItem = [.. request.TopicIds.Select(id => Judge(request.GroupId, id, gone))] };
    }

    private static Result<Outcome> Destroy(GroupPartition community, GroupKey[] topics, GroupActor actor, string by, string attempt, AfterCallback? callback)
    {
        // All are looked at, so that all are read at once.
        var (list, rows) = (TopicList.Of(community), topics.Select(community.Topic).ToList());
        var (there, done) = (rows.FindAll(topic => topic.Head is not null), rows.FindAll(topic => TopicRemoval.IsOf(topic, attempt)));
        if (community.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (done.Count > 0)
        {
            return new Outcome(done.ConvertAll(topic => topic.Key), null);
        }

        if (community.RefuseChange(head, GroupAction.ManageTopics, actor) is { } refusal)
        {
            return refusal;
        }

        if (there.Count == 0)
        {
            return new Outcome([], null);
        }

        there.ForEach(topic => TopicRemoval.Begin(topic, attempt));
        var gone = there.ConvertAll(topic => topic.Key);
        var names = gone.ConvertAll(topic => topic.GroupId);
        new TopicList([.. list.Names.Except(gone.Select(TopicList.NameOf))]).WriteTo(community);
        callback?.Append(community, GroupCallbackFields.Of(community.Key, head, community.Now) with { TopicIdList = names });
        return new Outcome(gone, GroupAnnouncement.Write(community, head, GroupEvent.Topics, by, new TopicsChange { Destroyed = names }.ToRawJson()));
    }

    private static DestroyedTopic Judge(string groupId, string topicId, IReadOnlyList<GroupKey> gone)
    {
        var error = !GroupKey.IsTopicOf(groupId, topicId) ? ApiError.GroupIdInvalid : gone.Any(topic => topic.GroupId == topicId) ? null : ApiError.TopicNotFound;
        return new DestroyedTopic(topicId, error?.Code ?? 0, error?.Info ?? "");
    }

    private sealed record Outcome(IReadOnlyList<GroupKey> Gone, GroupAnnouncement? Said);
}

public sealed record DestroyTopicsRequest(string GroupId, IReadOnlyList<string> TopicIds, string? From) : IRequest<DestroyTopicsRequest>
{
    public static DestroyTopicsRequest Read(FieldReader fields)
    {
        var (id, topics) = (fields.GroupId(), fields.Array("TopicIdList", ApiError.GroupParameter));
        if (topics.Count is 0 or > TopicList.MostTopics || topics.Any(topic => topic.ValueKind != JsonValueKind.String))
        {
            fields.Fail(ApiError.GroupParameter.In("TopicIdList"));
            topics = [];
        }

        return new DestroyTopicsRequest(id, [.. topics.Select(topic => topic.GetString()!)], fields.OptionalAccount("From_Account", ApiError.GroupParameter));
    }
}

public sealed record DestroyTopicsResponse : Envelope
{
    public required IReadOnlyList<DestroyedTopic> DestroyResultItem { get; init; }
}

public sealed record DestroyedTopic(string TopicId, int ErrorCode, string ErrorInfo);
