using System.Globalization;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>
/// Clears a group's messages up to a number, for everybody.
/// <code>
/// POST /v4/group_open_http_svc/clear_group_msg
/// { "GroupId": "hiking-2019", "MsgSeq": 30 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Without MsgSeq all that there are. They are gone at once and count as unread no more when the call is over; a call that breaks off is repeated, or finished when the group is next written to. Devices hear a
/// GroupClear. Errors: 10004, 10010, 10015, 10035 a live room, 60010 not an administrator. Source: API reference, groups §5.6.
/// </remarks>
public sealed class ClearGroupMessages(GroupStore groups, GroupDelivery delivery, GroupTrimming trimming) : ICommand<ClearGroupMessagesRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, ClearGroupMessagesRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var actor = GroupActor.Of(caller);

        // Not more than there are now, should the change run again when more have come.
        if (await groups.ReadHeadAsync(key, cancellation) is not { } before)
        {
            return ApiError.GroupNotFound;
        }

        var upTo = Math.Min(request.UpTo ?? before.LastSeq, before.LastSeq);
        if (!(await groups.ApplyAsync(key, group => Clear(group, actor, upTo), cancellation)).TryGet(out var change, out var error))
        {
            return error;
        }

        if (change is not null)
        {
            await delivery.SendAsync(key, before.Epoch, change);
        }

        await trimming.TrimMessagesAsync(key, row => row.GetInt64("Seq") <= upTo, cancellation);
        return Envelope.Ok;
    }

    private static Result<GroupChange?> Clear(GroupPartition group, GroupActor actor, long upTo)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (group.RefuseChange(head, GroupAction.DeleteMessages, actor) is { } refusal)
        {
            return refusal;
        }

        return upTo < head.OldestSeq ? (GroupChange?)null : group.AppendChange(head with { ClearedSeq = upTo }, GroupEvent.Clear, number =>
            GroupEvents.OfChange(group.Key, head.Epoch, GroupEvent.Clear, number, [], actor) with
            {
                MsgSeqList = null,
                Content = new RawJson(string.Create(CultureInfo.InvariantCulture, $$"""{"UpToSeq":{{upTo}}}""")),
            });
    }
}

/// <param name="UpTo">Null for all.</param>
public sealed record ClearGroupMessagesRequest(string GroupId, long? UpTo) : IRequest<ClearGroupMessagesRequest>
{
    public static ClearGroupMessagesRequest Read(FieldReader fields) => new(fields.GroupId(), fields.OptionalUnsigned("MsgSeq", ApiError.GroupParameter));
}
