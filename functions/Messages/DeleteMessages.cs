using System.Text.Json;
using Parley.Rest;

namespace Parley.Messages;

/// <summary>
/// Deletes messages for one side only; the other keeps them.
/// <code>
/// POST /v4/openim/delete_c2c_msg_ramble
/// { "Operator_Account": "jonas", "Peer_Account": "mia.k", "MsgKeyList": [ "501_77120934_1700000321" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Keys that name no message count as deleted. The owner's devices hear a C2CDelete.
/// Errors: 60010 another account's copy, 90003 Peer_Account, 90008 Operator_Account, 90054 MsgKeyList is missing, empty, over 30, or a key is malformed.
/// Source: API reference, openim §9; which code stands for a bad list is our choice.
/// </remarks>
public sealed class DeleteMessages(ConversationAccess access, MessageChanges changes, EventDelivery events) : ICommand<DeleteMessagesRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, DeleteMessagesRequest request, CancellationToken cancellation)
    {
        if (!(await access.FindOwnerAsync(caller, request.Copy, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        await events.SendAsync(owner, await changes.DeleteAsync(owner, request.Copy.Peer, request.Keys));
        return Envelope.Ok;
    }
}

public sealed record DeleteMessagesRequest(ConversationReference Copy, IReadOnlyList<MessageKey> Keys) : IRequest<DeleteMessagesRequest>
{
    private const int MostKeys = 30;

    public static DeleteMessagesRequest Read(FieldReader fields)
    {
        var copy = ConversationReference.Read(fields, "Operator_Account");
        var items = fields.Array("MsgKeyList", ApiError.MsgKeyInvalid);
        var keys = items.Select(item => item.ValueKind == JsonValueKind.String ? MessageKey.Parse(item.GetString()!) : null).OfType<MessageKey>().Distinct().ToList();
        if (items.Count > MostKeys || items.Any(item => item.ValueKind != JsonValueKind.String || MessageKey.Parse(item.GetString()!) is null))
        {
            fields.Fail(ApiError.MsgKeyInvalid.In("MsgKeyList"));
        }

        return new DeleteMessagesRequest(copy, keys);
    }
}
