using Parley.Rest;

namespace Parley.Messages;

/// <summary>
/// Marks a one-to-one conversation read for one side, up to a time or a number.
/// <code>
/// POST /v4/openim/admin_set_msg_read
/// { "Report_Account": "jonas", "Peer_Account": "mia.k", "MsgReadTime": 1700000400 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Units: MsgReadTime Unix seconds, as a number or as text; now if absent. MsgReadSeq, for clients, is a number of the log and more exact (our addition).
/// The reader's devices hear a C2CRead; the other side hears nothing. A position never moves back.
/// Errors: 60010 another account's copy, 90001 a number that is none, 90003 Peer_Account, 90008 Report_Account. Source: API reference, openim §6.
/// </remarks>
public sealed class SetMessagesRead(ConversationAccess access, ReadPositions positions, EventDelivery events) : ICommand<SetMessagesReadRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, SetMessagesReadRequest request, CancellationToken cancellation)
    {
        if (!(await access.FindOwnerAsync(caller, request.Copy, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var change = await positions.MoveAsync(owner, request.Copy.Peer, request.ReadTime ?? long.MaxValue, request.ReadSeq ?? long.MaxValue, cancellation);
        await events.SendAsync(owner, change);
        return Envelope.Ok;
    }
}

/// <param name="ReadTime">Null for all there is.</param>
/// <param name="ReadSeq">Null for all there is.</param>
public sealed record SetMessagesReadRequest(ConversationReference Copy, long? ReadTime, long? ReadSeq) : IRequest<SetMessagesReadRequest>
{
    public static SetMessagesReadRequest Read(FieldReader fields) => new(
        ConversationReference.Read(fields, "Report_Account"),
        fields.OptionalIntegerOrText("MsgReadTime", ApiError.MessageNumber),
        fields.OptionalInteger("MsgReadSeq", ApiError.MessageNumber));
}
