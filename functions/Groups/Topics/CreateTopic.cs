using Parley.Groups.Callbacks;
using Parley.Messages;
using Parley.Rest;

namespace Parley.Groups.Topics;

/// <summary>
/// Creates a topic of a community: a conversation of its own for all who are in the community.
/// <code>
/// POST /v4/million_group_open_http_svc/create_topic
/// { "GroupId": "@TGS#_city", "TopicId": "@TGS#_city@TOPIC#_food", "TopicName": "Food", "CustomString": "{\"icon\":3}" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "TopicId": "@TGS#_city@TOPIC#_food" }
/// </code>
/// </summary>
/// <remarks>
/// TopicId may be left out. Members' devices hear a GroupTopics with the topic as Created. Callbacks Group.CallbackBeforeCreateTopic and Group.CallbackAfterCreateTopic.
/// Errors: 10004 a parameter, 10007 not permitted, 10010 no such community, 10015 a name, 10016 or 10100 to 10200 refused by the app's callback, 10021 there is one of that name, 10037 200 topics,
/// 11000 no community, or one created without SupportTopic, 60010 another From_Account than the caller, 80001 a dirty word. Source: API reference, groups §10; which of its fields are required is our reading.
/// </remarks>
public sealed class CreateTopic(TopicCreation creation, GroupRoles roles, GroupCallbacks callbacks, MessageTextCheck texts) : ICommand<CreateTopicRequest, CreateTopicResponse>
{
    public async Task<Result<CreateTopicResponse>> HandleAsync(Caller caller, CreateTopicRequest request, CancellationToken cancellation)
    {
        if (!(await AskAsync(caller, request, roles, texts, cancellation)).TryGet(out var community, out var error))
        {
            return error;
        }

        if (await callbacks.AskToCreateTopicAsync(caller, community.Key, community.Head, request.Fields.Name!, cancellation) is { } refused)
        {
            return refused;
        }

        var created = await creation.CreateAsync(community.Key, request.ToNewTopic(caller), cancellation);
        return created.TryGet(out var topic, out error) ? new CreateTopicResponse { TopicId = topic.GroupId } : error;
    }

    /// <summary>The community, if the caller may have such a topic there.</summary>
    internal static async Task<Result<(GroupKey Key, GroupHead Head)>> AskAsync(
        Caller caller, CreateTopicRequest request, GroupRoles roles, MessageTextCheck texts, CancellationToken cancellation)
    {
        if (caller.RefuseAs(request.From, "From_Account") is { } forbidden)
        {
            return forbidden;
        }

        if (!(await roles.AskAsync(caller, request.GroupId, GroupAction.ManageTopics, cancellation)).TryGet(out var community, out var error))
        {
            return error;
        }

        return await texts.CheckAsync(caller.App, request.Fields.Texts, cancellation) is { } dirty ? dirty
            : !community.Head.HasTopics ? ApiError.TopicsNotSupported
            : (community.Key, community.Head);
    }
}

/// <param name="TopicId">Null to be given one.</param>
/// <param name="CreateTime">Of an import, Unix seconds.</param>
public sealed record CreateTopicRequest(string GroupId, string? TopicId, string? From, TopicFields Fields, long? CreateTime) : IRequest<CreateTopicRequest>
{
    public static CreateTopicRequest Read(FieldReader fields)
    {
        var (id, topic) = (fields.Text("GroupId", ApiError.GroupParameter), fields.OptionalText("TopicId", ApiError.GroupParameter));
        topic = topic is { Length: > 0 } ? topic : null;
        if (fields.Error is null && (!GroupKey.IsValid(id) || (topic is not null && !GroupKey.IsTopicOf(id, topic))))
        {
            fields.Fail(ApiError.GroupIdInvalid);
        }

        var request = new CreateTopicRequest(
            id, topic, fields.OptionalAccount("From_Account", ApiError.GroupParameter), TopicFields.Read(fields), fields.OptionalInteger("CreateTime", ApiError.GroupParameter));
        if (request.Fields.Name is null || request.CreateTime < 0)
        {
            fields.Fail(ApiError.GroupParameter.In(request.Fields.Name is null ? "TopicName" : "CreateTime"));
        }

        return request;
    }

    internal NewTopic ToNewTopic(Caller caller) =>
        new(TopicId, Fields.ApplyTo(new GroupProfile()), GroupActor.Of(caller, From), From ?? caller.Doer) { Cause = CallbackCause.Of(caller) };
}

public sealed record CreateTopicResponse : Envelope
{
    public required string TopicId { get; init; }
}
