using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Rest;

namespace Parley.Groups.Topics;

/// <summary>
/// Shows topics of a community, and what a member has read in them.
/// <code>
/// POST /v4/million_group_open_http_svc/get_topic
/// { "GroupId": "@TGS#_city", "TopicIdList": [ "@TGS#_city@TOPIC#_food" ], "From_Account": "u_anna" }
/// → { …, "TopicAndSelfInfo": [ { "ErrorCode": 0, "ErrorInfo": "",
///       "TopicInfo": { "TopicId": "@TGS#_city@TOPIC#_food", "TopicName": "Food", …, "NextMsgSeq": 42, "Epoch": 1700000000123, "LastSeq": 41, "ChangeSeq": 1 },
///       "SelfInfo": { "Role": "Member", "MsgFlag": "AcceptNotNotify", "ReadSeq": 38, "UnreadMsgNum": 2, "MuteUntil": 0, … } } ] }
/// </code>
/// </summary>
/// <remarks>
/// Without TopicIdList all of them, in the order of their creation. SelfInfo is the caller's own, or of From_Account if an administrator names one, and absent of who is no member. With ResponseFilter
/// the lists TopicInfoFilter and SelfInfoFilter in it name the fields of the two; a list that is absent there leaves its part out (our reading). In a topic that is older than a membership the member
/// has nothing unread until it has looked here once; from then on messages count.
/// Errors of an item: 10015 the name, 110003 there is none. Errors: 10004, 10007 not permitted, 10010, 10015, 10018 more than 1 MB, 11000 no community, 60010 another From_Account than the caller. Source: API reference, groups §10.
/// </remarks>
public sealed class GetTopics(GroupStore groups, GroupRoles roles, TopicEntrance entrance, TimeProvider time) : ICommand<GetTopicsRequest, GetTopicsResponse>
{
    private const int AtOnce = 16;

    public async Task<Result<GetTopicsResponse>> HandleAsync(Caller caller, GetTopicsRequest request, CancellationToken cancellation)
    {
        if (caller.RefuseAs(request.From, "From_Account") is { } forbidden)
        {
            return forbidden;
        }

        if (!(await roles.AskAsync(caller, request.GroupId, GroupAction.ReadProfile, cancellation)).TryGet(out var community, out var error))
        {
            return error;
        }

        if (GroupRights.Least(community.Head.Type, GroupAction.ManageTopics) == Apps.GroupRole.Nobody)
        {
            return ApiError.TopicsNotSupported;
        }

        var viewer = request.From ?? (caller.IsAdmin ? null : caller.Account);
        var member = viewer is null ? null : await groups.ReadMemberAsync(community.Key, viewer, cancellation);
        var ids = request.TopicIds ?? [.. (await TopicList.ReadAsync(groups, community.Key, cancellation)).Names.Select(name => community.Key.Topic(name).GroupId)];
        var found = new FoundTopic[ids.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, ids.Count), parallel, async (i, token) => found[i] = await FindAsync(community.Key, ids[i], member, token));
        if (member is not null && !caller.IsAdmin)
        {
            await entrance.EnterAsync(community.Key, member.Account, [.. found.Where(topic => topic.MustEnter).Select(topic => topic.Key)], cancellation);
        }

        // Of all of them, one that was deleted meanwhile is none.
        return Show(request.TopicIds is null ? found.Where(topic => topic.Error is null) : found, request);
    }

    private async Task<FoundTopic> FindAsync(GroupKey community, string id, GroupMember? member, CancellationToken cancellation)
    {
        var key = community with { GroupId = id };
        if (!GroupKey.IsTopicOf(community.GroupId, id))
        {
            return new FoundTopic(key, ApiError.GroupIdInvalid, null, null, false);
        }

        if (await groups.ReadShownAsync(key, cancellation) is not var (head, profile))
        {
            return new FoundTopic(key, ApiError.TopicNotFound, null, null, false);
        }

        var info = TopicDescription.Of(key, head, profile);
        if (member is null)
        {
            return new FoundTopic(key, null, info, null, false);
        }

        var inTopic = await groups.ReadInTopicAsync(key, head, member, cancellation);
        var self = TopicSelf.Of(key, head, inTopic, time.GetUtcNow().ToUnixTimeSeconds());
        return new FoundTopic(key, null, info, self, !inTopic.HasEntered && head.CreateTime < member.JoinTime);
    }

    private static Result<GetTopicsResponse> Show(IEnumerable<FoundTopic> topics, GetTopicsRequest request)
    {
        var (size, shown) = (new AnswerSize(), new List<RawJson>());
        foreach (var topic in topics)
        {
            if (size.TryAdd(topic.Show(request), ParleyJson.Wire.TopicAndSelf) is not { } item)
            {
                return ApiError.GroupAnswerTooLarge;
            }

            shown.Add(item);
        }

        return new GetTopicsResponse { TopicAndSelfInfo = shown };
    }
}

/// <summary>A topic that was asked for.</summary>
/// <param name="Error">Null when there is such a topic.</param>
/// <param name="MustEnter">Whether the member has to be noted there, so that messages count for it from now on.</param>
internal sealed record FoundTopic(GroupKey Key, ApiError? Error, TopicDescription? Info, TopicSelf? Self, bool MustEnter)
{
    public TopicAndSelf Show(GetTopicsRequest request) => new(
        Error?.Code ?? 0, Error?.Info ?? "",
        Only(request.Info, Info ?? new TopicDescription { TopicId = Key.GroupId }, ParleyJson.Wire.TopicDescription),
        Self is null || request.Self.Names is { Count: 0 } ? null : Only(request.Self, Self, ParleyJson.Wire.TopicSelf));

    private static RawJson Only<T>(NameFilter filter, T part, JsonTypeInfo<T> json)
    {
        var fields = JsonSerializer.SerializeToNode(part, json)!.AsObject();
        foreach (var name in fields.Select(field => field.Key).Where(name => name != nameof(TopicDescription.TopicId) && !filter.Has(name)).ToList())
        {
            fields.Remove(name);
        }

        return new RawJson(fields.ToJsonString(ParleyJson.Wire.Options));
    }
}

/// <param name="TopicIds">Null for all.</param>
/// <param name="From">As whom an administrator looks.</param>
public sealed record GetTopicsRequest(string GroupId, IReadOnlyList<string>? TopicIds, string? From, NameFilter Info, NameFilter Self) : IRequest<GetTopicsRequest>
{
    public static GetTopicsRequest Read(FieldReader fields)
    {
        var id = fields.GroupId();
        var topics = fields.Has("TopicIdList") ? fields.Array("TopicIdList", ApiError.GroupParameter) : [];
        if (topics.Count > TopicList.MostTopics || topics.Any(topic => topic.ValueKind != JsonValueKind.String))
        {
            fields.Fail(ApiError.GroupParameter.In("TopicIdList"));
            topics = [];
        }

        var filter = fields.Has("ResponseFilter") ? fields.Object("ResponseFilter", ApiError.GroupParameter) : null;
        return new GetTopicsRequest(
            id,
            topics.Count == 0 ? null : [.. topics.Select(topic => topic.GetString()!).Distinct()],
            fields.OptionalAccount("From_Account", ApiError.GroupParameter),
            filter is null ? NameFilter.All : NameFilter.Read(filter, "TopicInfoFilter", NameFilter.None),
            filter is null ? NameFilter.All : NameFilter.Read(filter, "SelfInfoFilter", NameFilter.None));
    }
}

public sealed record GetTopicsResponse : Envelope
{
    public required IReadOnlyList<RawJson> TopicAndSelfInfo { get; init; }
}

public sealed record TopicAndSelf(int ErrorCode, string ErrorInfo, RawJson TopicInfo, RawJson? SelfInfo);
