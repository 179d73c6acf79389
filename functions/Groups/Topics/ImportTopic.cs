using Parley.Messages;
using Parley.Rest;

namespace Parley.Groups.Topics;

/// <summary>
/// Creates a topic that was in another system, as of its CreateTime. Nobody is told, and there are no callbacks.
/// <code>
/// POST /v4/group_open_http_svc/import_topic
/// { "GroupId": "@TGS#_city", "TopicId": "@TGS#_city@TOPIC#_food", "TopicName": "Food", "CreateTime": 1500000000 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "TopicId": "@TGS#_city@TOPIC#_food" }
/// </code>
/// </summary>
/// <remarks>
/// Units: Unix seconds; without CreateTime, now. Errors: 10004 a parameter, or a CreateTime in the future; 60010 not an administrator; else as <see cref="CreateTopic"/>. Source: API reference, groups §10.
/// </remarks>
public sealed class ImportTopic(TopicCreation creation, GroupRoles roles, MessageTextCheck texts, TimeProvider time) : ICommand<CreateTopicRequest, CreateTopicResponse>
{
    public async Task<Result<CreateTopicResponse>> HandleAsync(Caller caller, CreateTopicRequest request, CancellationToken cancellation)
    {
        if (request.CreateTime > time.GetUtcNow().ToUnixTimeSeconds())
        {
            return ApiError.GroupParameter.In("CreateTime");
        }

        if (!(await CreateTopic.AskAsync(caller, request, roles, texts, cancellation)).TryGet(out var community, out var error))
        {
            return error;
        }

        var created = await creation.CreateAsync(community.Key, request.ToNewTopic(caller) with { CreateTime = request.CreateTime, IsImported = true }, cancellation);
        return created.TryGet(out var topic, out error) ? new CreateTopicResponse { TopicId = topic.GroupId } : error;
    }
}
