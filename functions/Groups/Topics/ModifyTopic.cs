using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Groups.Messages;
using Parley.Messages;
using Parley.Rest;

namespace Parley.Groups.Topics;

/// <summary>
/// Changes a topic's profile and settings: what is given, the rest stays.
/// <code>
/// POST /v4/million_group_open_http_svc/modify_topic
/// { "GroupId": "@TGS#_city", "TopicId": "@TGS#_city@TOPIC#_food", "TopicName": "Food and drink", "MuteAllMember": "On" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Members' devices hear a GroupProfile of the topic with what is new. Callback Group.CallbackAfterTopicInfoChanged, where name, introduction, notification or face has changed.
/// Errors: 10004 a parameter, 10007 not permitted, 10015 a name, 60010 another From_Account than the caller, 80001 a dirty word, 110003 no such topic. Source: API reference, groups §10.
/// </remarks>
public sealed class ModifyTopic(GroupStore groups, MessageTextCheck texts, GroupAnnouncements announcements, GroupCallbacks callbacks) : ICommand<ModifyTopicRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, ModifyTopicRequest request, CancellationToken cancellation)
    {
        if (caller.RefuseAs(request.From, "From_Account") is { } forbidden)
        {
            return forbidden;
        }

        if (await texts.CheckAsync(caller.App, request.Fields.Texts, cancellation) is { } dirty)
        {
            return dirty;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.TopicId);
        var callback = callbacks.Begin(CallbackCause.Of(caller), CallbackCommands.AfterTopicInfoChanged);
        var by = request.From ?? caller.Doer;
        var change = await groups.ApplyAsync(key, topic => Change(topic, caller, request, by, callback), cancellation);
        if (!change.TryGet(out var said, out var error))
        {
            return error;
        }

        if (said.Announcement is { } announcement)
        {
            await announcements.SendAsync(key, announcement);
        }

        return Envelope.Ok;
    }

    private static Result<Said> Change(GroupPartition topic, Caller caller, ModifyTopicRequest request, string by, AfterCallback? callback)
    {
        var before = topic.Profile;
        if (topic.Head is not { } head)
        {
            return topic.Key.NotFound;
        }

        if (topic.RefuseChange(head, GroupAction.ManageTopics, GroupActor.Of(caller, request.From)) is { } refusal)
        {
            return refusal;
        }

        var (changed, profile) = (head with { MutesAll = request.MutesAll ?? head.MutesAll }, request.Fields.ApplyTo(before));
        if (TopicDescription.Changes(topic.Key, (head, before), (changed, profile)) is not { } description)
        {
            return new Said(null);
        }

        profile = profile with { InfoSeq = before.InfoSeq + 1, InfoTime = topic.NowSeconds };
        topic.Put(profile);
        if ((description.TopicName ?? description.Introduction ?? description.Notification ?? description.FaceUrl) is not null)
        {
            callback?.Append(topic, ToFields(topic, head, description) with { OperatorAccount = caller.Account });
        }

        return new Said(GroupAnnouncement.Write(topic, changed, GroupEvent.Profile, by, (description with { LastInfoTime = profile.InfoTime }).ToRawJson()));
    }

    private static GroupCallbackFields ToFields(GroupPartition topic, GroupHead head, TopicDescription changes) => GroupCallbackFields.Of(topic.Key, head, topic.Now) with
    {
        Name = changes.TopicName,
        Introduction = changes.Introduction,
        Notification = changes.Notification,
        FaceUrl = changes.FaceUrl,
    };

    private sealed record Said(GroupAnnouncement? Announcement);
}

public sealed record ModifyTopicRequest(string TopicId, string? From, TopicFields Fields, bool? MutesAll) : IRequest<ModifyTopicRequest>
{
    public static ModifyTopicRequest Read(FieldReader fields)
    {
        var id = fields.GroupOrTopic();
        if (fields.Error is null && new GroupKey(0, id).TopicId is null)
        {
            fields.Fail(ApiError.GroupParameter.In("TopicId"));
        }

        return new ModifyTopicRequest(id, fields.OptionalAccount("From_Account", ApiError.GroupParameter), TopicFields.Read(fields), fields.MuteAll());
    }
}
