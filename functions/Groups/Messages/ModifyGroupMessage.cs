using Parley.Accounts;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>
/// Gives a stored message of a group another body, other custom data, or both.
/// <code>
/// POST /v4/openim/modify_group_msg
/// { "GroupId": "hiking-2019", "MsgSeq": 41, "CloudCustomData": "{\"edited\":1}" }
/// → { "ActionStatus": "OK", "ErrorInfo": "succeed", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// A member may modify what it sent itself, as long as it may speak. Members' devices hear a GroupModify with the whole content; of a message that only some may see, with its number alone.
/// Errors: 20001 the type has no modification, 20003 no such group or topic, 20012 muted, 20022 no such message, 20023 it was recalled, 60010 not a member or another's message,
/// 80001 a dirty word, 90001 GroupId or MsgSeq, 90002 90007 90010 content, 93000 too large. Source: API reference, groups §5.7; which code stands for what is our choice.
/// </remarks>
public sealed class ModifyGroupMessage(
    AccountDirectory accounts, GroupStore groups, MessageTextCheck texts, GroupDelivery delivery, TimeProvider time) : ICommand<ModifyGroupMessageRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, ModifyGroupMessageRequest request, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var account = new AccountKey(caller.App.SdkAppId, caller.Account);
        if (!caller.IsAdmin && Mute.Remaining((await accounts.StateAsync(account, cancellation)).GroupMutedUntil, now) > 0)
        {
            return ApiError.SenderMuted;
        }

        if (await texts.CheckAsync(caller.App, request.Body, cancellation) is { } dirty)
        {
            return dirty;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var change = new GroupModification(
            request.Number, request.Body, request.CustomData, GroupActor.Of(caller), caller.App.MaxMessageBytes, caller.App.RoamingStart(now), Guid.NewGuid().ToString("N"));
        if (!(await groups.ApplyAsync(key, change.Apply, cancellation)).TryGet(out var modified, out var error))
        {
            return error;
        }

        await delivery.SendAsync(key, modified.HeardEpoch, modified.Change);
        return Envelope.Ok with { ErrorInfo = "succeed" };
    }
}

public sealed record ModifyGroupMessageRequest(string GroupId, long Number, RawJson? Body, string? CustomData) : IRequest<ModifyGroupMessageRequest>
{
    public static ModifyGroupMessageRequest Read(FieldReader fields)
    {
        var id = fields.Text("GroupId", ApiError.MessageNumber);
        var topic = fields.OptionalText("TopicId", ApiError.MessageNumber);
        if (!GroupKey.IsValid(id) || (topic is { Length: > 0 } && !GroupKey.IsTopicOf(id, topic)))
        {
            fields.Fail(ApiError.MessageNumber.In("GroupId"));
        }

        var number = fields.Unsigned("MsgSeq", ApiError.MessageNumber);
        var data = fields.OptionalText("CloudCustomData", ApiError.MessageContent);
        return new ModifyGroupMessageRequest(topic is { Length: > 0 } ? topic : id, number, fields.Has("MsgBody") || data is null ? MessageContent.ReadBody(fields) : null, data);
    }
}
