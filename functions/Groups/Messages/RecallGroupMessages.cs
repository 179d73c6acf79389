using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>
/// Takes messages of a group back: their content goes, that they were there stays, and they do not count as unread any more.
/// <code>
/// POST /v4/group_open_http_svc/group_msg_recall
/// { "GroupId": "hiking-2019", "MsgSeqList": [ { "MsgSeq": 41 }, { "MsgSeq": 999 } ], "Reason": "typo" }
/// → { …, "RecallRetList": [ { "MsgSeq": 41, "RetCode": 0 }, { "MsgSeq": 999, "RetCode": 10030 } ] }
/// </code>
/// </summary>
/// <remarks>
/// At most 10 messages. An administrator, and whom the group's type lets recall others' messages, may recall any; a member its own for the app's recall time (two minutes by
/// default). Members' devices hear a GroupRecall. Callback Group.CallbackAfterRecallMsg. RetCode: 0 recalled, now or before; 10007 another's message; 10030 none that the caller may see; 10031 too late; 10032 a tip.
/// Errors: 10004, 10007 not a member, 10010, 10015, 10033 the type has no recall, 110003 no such topic. Source: API reference, groups §5.3.
/// </remarks>
public sealed class RecallGroupMessages(GroupStore groups, GroupDelivery delivery, GroupCallbacks callbacks, TimeProvider time) : ICommand<RecallGroupMessagesRequest, RecallGroupMessagesResponse>
{
    public async Task<Result<RecallGroupMessagesResponse>> HandleAsync(Caller caller, RecallGroupMessagesRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var callback = callbacks.Begin(CallbackCause.Of(caller), CallbackCommands.AfterRecallGroupMessages);
        var recall = new GroupRecall(
            request.Numbers, GroupActor.Of(caller), request.Reason, caller.App.RecallSeconds, caller.App.RoamingStart(time.GetUtcNow()), Guid.NewGuid().ToString("N"))
        {
            Tell = Tell,
        };
        if (!(await groups.ApplyAsync(key, recall.Apply, cancellation)).TryGet(out var outcome, out var error))
        {
            return error;
        }

        if (outcome.Change is { } change)
        {
            await delivery.SendAsync(key, outcome.HeardEpoch, change);
        }

        return new RecallGroupMessagesResponse { RecallRetList = outcome.Items };

        void Tell(GroupPartition group, GroupHead head, IEnumerable<long> numbers) => callback?.Append(group, GroupCallbackFields.Of(key, head, group.Now) with
        {
            OperatorAccount = caller.Account,
            MsgSeqList = [.. numbers.Select(number => new NamedMessage(number))],
        });
    }
}

public sealed record RecallGroupMessagesRequest(string GroupId, IReadOnlyList<long> Numbers, string Reason) : IRequest<RecallGroupMessagesRequest>
{
    private const int MostMessages = 10;
    private const int MaxReasonBytes = 512;

    public static RecallGroupMessagesRequest Read(FieldReader fields) => new(
        fields.GroupOrTopic(), fields.MessageNumbers(MostMessages), fields.ShortText("Reason", MaxReasonBytes) ?? "");
}

public sealed record RecallGroupMessagesResponse : Envelope
{
    public required IReadOnlyList<RecalledItem> RecallRetList { get; init; }
}

public sealed record RecalledItem(long MsgSeq, int RetCode);
