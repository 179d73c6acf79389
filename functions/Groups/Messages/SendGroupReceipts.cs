using Parley.Groups.Callbacks;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>
/// Tells the senders of messages that a member has read them.
/// <code>
/// POST /v4/group_open_http_svc/group_msg_receipt
/// { "GroupId": "hiking-2019", "From_Account": "u_cleo", "MsgSeqList": [ { "MsgSeq": 41 } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// At most 50 messages, sent with NeedReadReceipt 1 by others after the member came; the others are passed over. Each sender's devices hear one GroupReceipt, nobody else does. The unread count stays as it is. Callback Group.CallbackAfterReadReceipt.
/// Errors: 10004, 10007 not a member or a type without receipts, 10010, 10015, 10060 too many members, 10061 MsgSeq 0, 10062 none of them has receipts, 60010 another account. Source: API reference, groups §9.3.
/// </remarks>
public sealed class SendGroupReceipts(GroupReader reader, GroupReceipts receipts) : ICommand<SendGroupReceiptsRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, SendGroupReceiptsRequest request, CancellationToken cancellation)
    {
        var account = request.From ?? caller.Account;
        if (caller.RefuseAs(account, "From_Account") is { } forbidden)
        {
            return forbidden;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (!(await reader.LookAsync(caller, key, GroupAction.ReadReceipts, account, cancellation)).TryGet(out var sight, out var refusal))
        {
            return refusal;
        }

        if (GroupReceipts.Refuse(caller.App, sight.Head) is { } tooLarge)
        {
            return tooLarge;
        }

        return await receipts.SendAsync(CallbackCause.Of(caller), key, sight, request.Numbers, cancellation) > 0 ? Envelope.Ok : ApiError.ReceiptNotFound;
    }
}

public sealed record SendGroupReceiptsRequest(string GroupId, string? From, IReadOnlyList<long> Numbers) : IRequest<SendGroupReceiptsRequest>
{
    public static SendGroupReceiptsRequest Read(FieldReader fields)
    {
        var (id, from) = (fields.GroupId(), fields.OptionalAccount("From_Account", ApiError.GroupParameter));
        var numbers = fields.MessageNumbers(GetGroupReceiptsRequest.MostMessages);
        if (numbers.Contains(0))
        {
            fields.Fail(ApiError.NoReceiptOfOnlineMessage);
        }

        return new SendGroupReceiptsRequest(id, from, numbers);
    }
}
