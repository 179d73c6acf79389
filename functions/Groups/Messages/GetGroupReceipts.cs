using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>
/// Says how many have read messages that were sent with NeedReadReceipt 1.
/// <code>
/// POST /v4/group_open_http_svc/get_group_msg_receipt
/// { "GroupId": "hiking-2019", "MsgSeqList": [ { "MsgSeq": 41 } ] }
/// → { …, "GroupMsgReceiptList": [ { "MsgSeq": 41, "Code": 0, "ReadNum": 1, "UnreadNum": 2 } ] }
/// </code>
/// </summary>
/// <remarks>
/// At most 50 messages (our choice). The counts are of those who were members when it was sent; a client asks for its own messages. Code: 0, or 10062 no receipts.
/// Errors: 10004, 10007 not a member or a type without receipts, 10010, 10015, 10060 too many members. Source: API reference, groups §9.1.
/// </remarks>
public sealed class GetGroupReceipts(GroupReader reader, GroupReceipts receipts) : ICommand<GetGroupReceiptsRequest, GetGroupReceiptsResponse>
{
    public async Task<Result<GetGroupReceiptsResponse>> HandleAsync(Caller caller, GetGroupReceiptsRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (!(await reader.LookAsync(caller, key, GroupAction.ReadReceipts, null, cancellation)).TryGet(out var sight, out var refusal))
        {
            return refusal;
        }

        if (GroupReceipts.Refuse(caller.App, sight.Head) is { } tooLarge)
        {
            return tooLarge;
        }

        var found = await receipts.FindAsync(key, sight, request.Numbers, cancellation);
        return new GetGroupReceiptsResponse
        {
            GroupMsgReceiptList =
            [
                .. request.Numbers.Select(number =>
                    ReceiptCount.Of(number, found.TryGetValue(number, out var message) && GroupReceipts.Shows(sight, message) ? message : null)),
            ],
        };
    }
}

public sealed record GetGroupReceiptsRequest(string GroupId, IReadOnlyList<long> Numbers) : IRequest<GetGroupReceiptsRequest>
{
    public const int MostMessages = 50;

    public static GetGroupReceiptsRequest Read(FieldReader fields) => new(fields.GroupId(), fields.MessageNumbers(MostMessages));
}

public sealed record GetGroupReceiptsResponse : Envelope
{
    public required IReadOnlyList<ReceiptCount> GroupMsgReceiptList { get; init; }
}

/// <summary>How many have read a message, and how many have not.</summary>
public sealed record ReceiptCount(long MsgSeq, int Code, int ReadNum, int UnreadNum)
{
    /// <param name="message">Null when it has no receipts.</param>
    public static ReceiptCount Of(long sequence, GroupMessage? message) => message is null
        ? new ReceiptCount(sequence, ApiError.ReceiptNotFound.Code, 0, 0)
        : new ReceiptCount(sequence, 0, message.Readers, Math.Max(0, message.Others - message.Readers));
}
