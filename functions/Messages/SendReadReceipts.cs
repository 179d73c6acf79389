using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Tells the sender of messages that their receiver has read them.
/// <code>
/// POST /v4/openim/c2c_msg_read_receipt
/// { "Operator_Account": "jonas", "Peer_Account": "mia.k",
///   "C2CMsgInfo": [ { "From_Account": "mia.k", "To_Account": "jonas", "MsgKey": "501_77120934_1700000321" } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// IsPeerRead of the messages becomes 1 in both copies, and both sides' devices hear a C2CReceipt; at most 30 messages. The unread count stays as it is.
/// Errors: 20022 none of the messages exists, 60010 another account's receipts, 90001 C2CMsgInfo is missing, empty, over 30 or no list of objects,
/// 90003 Peer_Account or To_Account, 90008 Operator_Account or From_Account, 90054 MsgKey.
/// Source: API reference, openim §10; the codes and the limit are our choice.
/// </remarks>
public sealed class SendReadReceipts(ConversationAccess access, MessageChanges changes, EventDelivery events) : ICommand<ReadReceiptsRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, ReadReceiptsRequest request, CancellationToken cancellation)
    {
        if (!(await access.FindOwnerAsync(caller, request.Copy, cancellation)).TryGet(out var reader, out var refused))
        {
            return refused;
        }

        var sender = reader with { Account = request.Copy.Peer };
        var outcomes = await Task.WhenAll(
            MarkAsync(sender, reader.Account, request.Keys, isOutgoing: true),
            sender == reader ? Task.FromResult(ChangeOutcome.NotFound) : MarkAsync(reader, sender.Account, request.Keys, isOutgoing: false));
        return outcomes.Any(outcome => outcome.Result == ChangeResult.Done) ? Envelope.Ok : ApiError.MessageNotFound;
    }

    private async Task<ChangeOutcome> MarkAsync(AccountKey owner, string peer, IReadOnlyList<MessageKey> keys, bool isOutgoing)
    {
        var outcome = await changes.MarkReadByPeerAsync(owner, peer, keys, isOutgoing);
        await events.SendAsync(owner, outcome.Event);
        return outcome;
    }
}

public sealed record ReadReceiptsRequest(ConversationReference Copy, IReadOnlyList<MessageKey> Keys) : IRequest<ReadReceiptsRequest>
{
    private const int MostMessages = 30;

    public static ReadReceiptsRequest Read(FieldReader fields)
    {
        var copy = ConversationReference.Read(fields, "Operator_Account");
        var items = fields.Objects("C2CMsgInfo", ApiError.MessageJson);
        if (items.Count is 0 or > MostMessages)
        {
            fields.Fail(ApiError.MessageJson.In("C2CMsgInfo"));
            return new ReadReceiptsRequest(copy, []);
        }

        return new ReadReceiptsRequest(copy, [.. items.Select(item => ReadKey(item, copy)).Distinct()]);
    }

    private static MessageKey ReadKey(FieldReader item, ConversationReference copy)
    {
        var message = MessageReference.Read(item);
        if (message.From != copy.Peer || message.To != copy.Owner)
        {
            item.Fail(message.From != copy.Peer ? ApiError.FromAccountInvalid.In("From_Account") : ApiError.ReceiverInvalid.In("To_Account"));
        }

        return message.Key;
    }
}
