using System.Text.Json.Serialization;
using Parley.Callbacks;
using Parley.Rest;
using Parley.Storage;

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
/// Callback C2C.CallbackAfterMsgReport where the position has moved and the app has it switched on; its LastReadTime is the time up to which was read, at most now.
/// Errors: 60010 another account's copy, 90001 a number that is none, 90003 Peer_Account, 90008 Report_Account. Source: API reference, openim §6.
/// </remarks>
public sealed class SetMessagesRead(ConversationAccess access, ReadPositions positions, EventDelivery events, AfterCallbacks callbacks, TimeProvider time) : ICommand<SetMessagesReadRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, SetMessagesReadRequest request, CancellationToken cancellation)
    {
        if (!(await access.FindOwnerAsync(caller, request.Copy, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var callback = callbacks.Begin(caller.App, CallbackCommands.AfterMessagesRead, caller.Origin);
        var change = await positions.MoveAsync(
            owner, request.Copy.Peer, request.ReadTime ?? long.MaxValue, request.ReadSeq ?? long.MaxValue, view => Report(view, callback, request), cancellation);
        await events.SendAsync(owner, change);
        return Envelope.Ok;
    }

    private void Report(PartitionView view, AfterCallback? callback, SetMessagesReadRequest request)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var fields = new MessagesReadFields(request.Copy.Owner, request.Copy.Peer, Math.Min(request.ReadTime ?? now, now));
        callback?.Append(view, fields, ParleyJson.Wire.MessagesReadFields, unreadOf: request.Copy.Owner);
    }
}

/// <summary>
/// Fields of a callback.
/// <code>{ "CallbackCommand": "C2C.CallbackAfterMsgReport", "Report_Account": "jonas", "Peer_Account": "mia.k", "LastReadTime": 1700000400, "UnreadMsgNum": 0 }</code>
/// </summary>
/// <param name="LastReadTime">Unix seconds.</param>
/// <remarks>Source: API reference, callbacks §6.3.</remarks>
public sealed record MessagesReadFields(
    [property: JsonPropertyName("Report_Account")] string ReportAccount, [property: JsonPropertyName("Peer_Account")] string PeerAccount, long LastReadTime);

/// <param name="ReadTime">Null for all there is.</param>
/// <param name="ReadSeq">Null for all there is.</param>
public sealed record SetMessagesReadRequest(ConversationReference Copy, long? ReadTime, long? ReadSeq) : IRequest<SetMessagesReadRequest>
{
    public static SetMessagesReadRequest Read(FieldReader fields) => new(
        ConversationReference.Read(fields, "Report_Account"),
        fields.OptionalIntegerOrText("MsgReadTime", ApiError.MessageNumber),
        fields.OptionalInteger("MsgReadSeq", ApiError.MessageNumber));
}
