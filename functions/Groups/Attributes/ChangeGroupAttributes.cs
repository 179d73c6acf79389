using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Attributes;

/// <summary>
/// Changes the attributes of a group: pairs of key and value, which all members may read and change.
/// <code>
/// POST /v4/group_open_http_svc/set_group_attr      replaces all
/// POST /v4/group_open_http_svc/modify_group_attr   sets those that are given
/// { "GroupId": "hiking-2019", "GroupAttr": [ { "key": "mic1", "value": "u_ben" } ] }
/// POST /v4/group_open_http_svc/delete_group_attr
/// { "GroupId": "hiking-2019", "GroupAttr": [ { "key": "mic1" } ] }
/// POST /v4/group_open_http_svc/clear_group_attr
/// { "GroupId": "hiking-2019" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Members hear of it by a change GroupAttributes. Callback Group.CallbackAfterGroupAttrChanged. Errors: 10004 a parameter, 10007 no member or the type has none, 10010, 10015, 10045 a key over 32 bytes, 10046 a value over 4000 bytes,
/// 10047 more than 16 keys, 10048 more than 16000 bytes of values, 10049 more than five changes a second, 10050 a key to delete that is not there: nothing is deleted then.
/// Source: API reference, groups §8.1. Changes of one group have one order, so 10056 (changed meanwhile) does not occur.
/// </remarks>
public sealed class ChangeGroupAttributes(GroupStore groups, GroupAnnouncements announcements, GroupCallbacks callbacks) :
    ICommand<SetAttributesRequest, Envelope>, ICommand<ModifyAttributesRequest, Envelope>, ICommand<DeleteAttributesRequest, Envelope>, ICommand<GroupRequest, Envelope>
{
    public Task<Result<Envelope>> HandleAsync(Caller caller, SetAttributesRequest request, CancellationToken cancellation) =>
        ChangeAsync(caller, request.GroupId, AttributeChange.Set(request.Pairs), cancellation);

    public Task<Result<Envelope>> HandleAsync(Caller caller, ModifyAttributesRequest request, CancellationToken cancellation) =>
        ChangeAsync(caller, request.GroupId, AttributeChange.Modify(request.Pairs), cancellation);

    public Task<Result<Envelope>> HandleAsync(Caller caller, DeleteAttributesRequest request, CancellationToken cancellation) =>
        ChangeAsync(caller, request.GroupId, AttributeChange.Delete(request.Keys), cancellation);

    public Task<Result<Envelope>> HandleAsync(Caller caller, GroupRequest request, CancellationToken cancellation) =>
        ChangeAsync(caller, request.GroupId, AttributeChange.Clear, cancellation);

    private async Task<Result<Envelope>> ChangeAsync(Caller caller, string groupId, AttributeChange change, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, groupId);
        var (actor, by, attempt) = (GroupActor.Of(caller), caller.Doer, RecentAttempts.NewName());
        var callback = callbacks.Begin(CallbackCause.Of(caller), CallbackCommands.AfterGroupAttributesChanged);
        var changed = await groups.ApplyAsync(key, group => Change(group, change, actor, by, attempt, Tell), cancellation);
        if (!changed.TryGet(out var said, out var error))
        {
            return error;
        }

        if (said.Announcement is { } announcement)
        {
            await announcements.SendAsync(key, announcement);
        }

        return Envelope.Ok;

        void Tell(GroupPartition group, GroupHead head) => callback?.Append(group, GroupCallbackFields.Of(key, head, group.Now) with
        {
            OperatorAccount = caller.Account,
            OptionType = change.Operation,
            GroupAttr = change.GroupAttr,
        });
    }

    private static Result<Said> Change(
        GroupPartition group, AttributeChange change, GroupActor actor, string by, string attempt, Action<GroupPartition, GroupHead> tell)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (group.Refuse(head, change.Right, actor) is { } refusal)
        {
            return refusal;
        }

        var before = GroupAttributes.FromRow(group.Rows.Get(GroupAttributes.RowKey));
        if (RecentAttempts.Contains(before.Attempts, attempt))
        {
            return new Said(null);
        }

        if (!change.Apply(before.Pairs).TryGet(out var pairs, out var error))
        {
            return error;
        }

        var writes = before.Second == group.NowSeconds ? before.Writes : 0;
        var after = new GroupAttributes(pairs, group.NowSeconds, writes + 1, RecentAttempts.With(before.Attempts, attempt));
        if ((after.FindObjection() ?? (writes >= GroupAttributes.MaxWritesASecond ? ApiError.AttributesTooOften : null)) is { } objection)
        {
            return objection;
        }

        group.RefuseChange(head, change.Right, actor);
        group.Rows.Put(after.ToRow());
        tell(group, head);
        return new Said(GroupAnnouncement.Write(group, head, GroupEvent.Attributes, by, change.ToContent()));
    }

    private sealed record Said(GroupAnnouncement? Announcement);
}

public sealed record SetAttributesRequest(string GroupId, IReadOnlyList<AttributePair> Pairs) : IRequest<SetAttributesRequest>
{
    public static SetAttributesRequest Read(FieldReader fields) => new(fields.GroupId(), AttributeChange.ReadPairs(fields));
}

public sealed record ModifyAttributesRequest(string GroupId, IReadOnlyList<AttributePair> Pairs) : IRequest<ModifyAttributesRequest>
{
    public static ModifyAttributesRequest Read(FieldReader fields) => new(fields.GroupId(), AttributeChange.ReadPairs(fields));
}

public sealed record DeleteAttributesRequest(string GroupId, IReadOnlyList<string> Keys) : IRequest<DeleteAttributesRequest>
{
    public static DeleteAttributesRequest Read(FieldReader fields) => new(fields.GroupId(), AttributeChange.ReadKeys(fields));
}
