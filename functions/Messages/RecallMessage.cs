using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Callbacks;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Takes a one-to-one message back, for both sides: its content goes, that it was there stays.
/// <code>
/// POST /v4/openim/admin_msgwithdraw
/// { "From_Account": "mia.k", "To_Account": "jonas", "MsgKey": "501_77120934_1700000321" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// An account may recall what it sent itself, for as long as the app allows (two minutes by default). Both sides' devices hear a C2CRecall.
/// Callback C2C.CallbackAfterMsgWithDraw, where the app has it switched on.
/// Errors: 20016 too late, 20022 no such message, 20023 recalled already, 60010 another account's message, 90003 To_Account, 90008 From_Account, 90054 MsgKey.
/// Source: API reference, openim §5, messages §8.
/// </remarks>
public sealed class RecallMessage(AccountDirectory accounts, MessageChanges changes, EventDelivery events, AfterCallbacks callbacks, TimeProvider time)
    : ICommand<MessageReference, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, MessageReference request, CancellationToken cancellation)
    {
        if (await request.CheckAsync(caller, accounts, ApiError.ReceiverInvalid, cancellation) is { } refused)
        {
            return refused;
        }

        if (!caller.IsAdmin && time.GetUtcNow().ToUnixTimeSeconds() - request.Key.MsgTime > caller.App.RecallSeconds)
        {
            return ApiError.RecallTimeOver;
        }

        var (from, to) = request.Sides(caller.App.SdkAppId);
        var attempt = Guid.NewGuid().ToString("N");
        var callback = callbacks.Begin(caller.App, CallbackCommands.AfterRecallMessage, caller.Origin);
        Action<PartitionView>? onRecalled = callback is null ? null : view => Append(view, callback, request);
        var receiving = from == to ? Task.FromResult(ChangeOutcome.NotFound) : RecallAsync(to, from.Account, request.Key, isOutgoing: false, attempt, onRecalled);

        // The callback goes with the receiver's copy, so with the sender's only where the receiver has none any more.
        var isOnSender = callback is not null && (await receiving).Result == ChangeResult.NotFound;
        var sending = RecallAsync(from, to.Account, request.Key, isOutgoing: true, attempt, isOnSender ? onRecalled : null);
        var outcomes = await Task.WhenAll(sending, receiving);
        return outcomes.Max(outcome => outcome.Result) switch
        {
            ChangeResult.Done => Envelope.Ok,
            ChangeResult.Recalled => ApiError.MessageRecalled,
            _ => ApiError.MessageNotFound,
        };
    }

    private async Task<ChangeOutcome> RecallAsync(
        AccountKey owner, string peer, MessageKey key, bool isOutgoing, string attempt, Action<PartitionView>? onRecalled)
    {
        var outcome = await changes.RecallAsync(owner, peer, key, isOutgoing, attempt, onRecalled);
        await events.SendAsync(owner, outcome.Event);
        return outcome;
    }

    private static void Append(PartitionView view, AfterCallback callback, MessageReference request) => callback.Append(
        view, new RecalledMessageFields(request.From, request.To, request.Key.ToString()), ParleyJson.Wire.RecalledMessageFields, unreadOf: request.To);
}

/// <summary>
/// Fields of a callback.
/// <code>{ "CallbackCommand": "C2C.CallbackAfterMsgWithDraw", "From_Account": "mia.k", "To_Account": "jonas", "MsgKey": "501_77120934_1700000321", "UnreadMsgNum": 0 }</code>
/// </summary>
/// <remarks>Source: API reference, callbacks §6.4.</remarks>
public sealed record RecalledMessageFields(
    [property: JsonPropertyName("From_Account")] string FromAccount, [property: JsonPropertyName("To_Account")] string ToAccount, string MsgKey);
