using Azure.Data.Tables;
using Parley.Messages;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>The log's entry of a modification.</summary>
/// <param name="HeardEpoch">See <see cref="GroupHead.HeardEpoch"/>.</param>
public sealed record GroupModified(long HeardEpoch, GroupChange Change);

/// <summary>Modifies a message, as a pure function of the group's partition. Its codes are those of service openim.</summary>
/// <param name="Attempt">Names the request, so that its own replay changes nothing more.</param>
public sealed record GroupModification(long Number, RawJson? Body, string? CustomData, GroupActor Actor, int MostBytes, long Start, string Attempt)
{
    public Result<GroupModified> Apply(GroupPartition group)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupOfMessageNotFound;
        }

        if (group.RefuseChange(head, GroupAction.ModifyMessage, Actor) is { } refusal)
        {
            return refusal == ApiError.GroupTypeNotSupported ? ApiError.GroupModifyUnsupported : ApiError.AdminRequired;
        }

        var row = group.Rows.Get(GroupPartition.Messages.Entry(Number));
        var sight = GroupSight.Of(group, head, Actor, Start);
        if (Judge(row, sight, group.NowSeconds) is { } objection)
        {
            return objection;
        }

        return GroupMessage.ChangeOf(row!, Attempt) is { } done && group.FindChange(done) is { } known ? new GroupModified(head.HeardEpoch, known) : Modify(group, head, row!);
    }

    private static ApiError? Judge(TableEntity? row, GroupSight sight, long now)
    {
        if (row is null || GroupMessage.FromRow(row) is not { } message || !sight.Sees(message) || message.IsTip)
        {
            return ApiError.MessageNotFound;
        }

        return sight.Member is { } member && message.From != member.Account ? ApiError.AdminRequired
            : message.IsRecalled ? ApiError.MessageRecalled
            : sight.Member?.IsSilenced(sight.Head, now) == true ? ApiError.SenderMuted
            : null;
    }

    private Result<GroupModified> Modify(GroupPartition group, GroupHead head, TableEntity row)
    {
        var message = GroupMessage.FromRow(row);
        var (body, data) = (Body ?? message.Content.MsgBody, CustomData ?? message.Content.CloudCustomData);
        if (MessageContent.SizeOf(body, data, null) > MostBytes)
        {
            return ApiError.MessageTooLarge;
        }

        var isForAll = message.To.Count == 0;
        var change = group.AppendChange(head, GroupEvent.Modify, number => GroupEvents.OfChange(group.Key, head.Epoch, GroupEvent.Modify, number, [Number], Actor) with
        {
            MsgBody = isForAll ? body : null,
            CloudCustomData = isForAll ? data : null,
        });
        group.Rows.Put(GroupMessage.Marked(GroupMessage.Modified(row, body, data), Attempt, change.Sequence));
        return new GroupModified(head.HeardEpoch, change);
    }
}
