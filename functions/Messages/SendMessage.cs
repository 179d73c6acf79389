using Parley.Callbacks;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Sends a one-to-one message: an administrator in any account's name, an account as itself.
/// <code>
/// POST /v4/openim/sendmsg
/// { "SyncOtherMachine": 1, "From_Account": "mia.k", "To_Account": "jonas", "MsgLifeTime": 3600, "MsgSeq": 501, "MsgRandom": 77120934,
///   "MsgBody": [ { "MsgType": "TIMTextElem", "MsgContent": { "Text": "Lunch at noon?" } } ], "CloudCustomData": "{\"thread\":9}" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "MsgTime": 1700000321, "MsgKey": "501_77120934_1700000321" }
/// </code>
/// </summary>
/// <remarks>
/// Units: MsgTime Unix seconds, MsgLifeTime seconds (0: online only).
/// A repeated call (same sender, receiver, MsgSeq and MsgRandom within a second, or with the same content within five minutes) answers the first one's key.
/// Callbacks C2C.CallbackBeforeSendMsg, which may refuse, drop or rewrite the message, and C2C.CallbackAfterSendMsg, where the app has switched them on.
/// Errors: 20003 unknown sender, 20006 or 120001 to 130000 refused by the app's callback, 80003 callback failed, 20007 on the receiver's blacklist, 20009 20010 20011 no friendship where the app demands it, 20012 muted sender, 60010 another sender than the caller,
/// 80001 a dirty word, 90001 JSON, 90002 90007 90010 MsgBody, 90003 To_Account, 90004 MsgSeq, 90005 MsgRandom,
/// 90006 MsgTimeStamp, 90008 From_Account, 90012 unknown receiver, 90026 90044 MsgLifeTime, 90031 SyncOtherMachine, 90043 OfflinePushInfo, 93000 too large.
/// Source: API reference, openim §1, messages §2–6.
/// </remarks>
public sealed class SendMessage(MessageSender sender, SendChecks checks, MessageTextCheck texts, MessageCallbacks callbacks) : ICommand<SendMessageRequest, SendMessageResponse>
{
    public async Task<Result<SendMessageResponse>> HandleAsync(Caller caller, SendMessageRequest request, CancellationToken cancellation)
    {
        var from = request.From ?? caller.Account;
        if (caller.RefuseAs(from, "From_Account") is { } forbidden)
        {
            return forbidden;
        }

        if (request.Send.Content.Size > caller.App.MaxMessageBytes)
        {
            return ApiError.MessageTooLarge;
        }

        var app = caller.App.SdkAppId;
        if (!caller.IsAdmin && await checks.CheckAsync(caller.App, new AccountKey(app, from), new AccountKey(app, request.To), cancellation) is { } objection)
        {
            return objection;
        }

        var message = sender.WithKey(caller.App, request.Send.ToMessage(caller, from, request.To));
        var sent = await SendAsync(caller, callbacks.Begin(caller, message, request.Send.Forbidden), request.Send.Forbidden, cancellation);
        return sent.TryGet(out var key, out var error)
            ? new SendMessageResponse { MsgTime = key.MsgTime, MsgKey = key.ToString() }
            : error;
    }

    private async Task<Result<MessageKey>> SendAsync(Caller caller, OutgoingMessage message, ForbiddenCallbacks forbidden, CancellationToken cancellation)
    {
        if (await texts.CheckAsync(caller.App, message.Content.MsgBody, cancellation) is { } dirty)
        {
            return await callbacks.FailAsync(caller.App, message, dirty, cancellation);
        }

        if (callbacks.IsAsked(caller, forbidden))
        {
            if (!await sender.SenderExistsAsync(caller.App, message, cancellation))
            {
                return ApiError.UnknownSender;
            }

            var asked = await callbacks.AskAsync(caller, message, cancellation);
            if (!asked.TryGet(out var allowed, out var refused))
            {
                return refused;
            }

            if (allowed is null)
            {
                return message.Key;
            }

            message = allowed;
        }

        var sent = await sender.SendAsync(caller.App, message, cancellation);
        return sent.Error is { } error ? await callbacks.FailAsync(caller.App, message, error, cancellation) : sent;
    }
}

public sealed record SendMessageRequest(string? From, string To, SendOptions Send) : IRequest<SendMessageRequest>
{
    public static SendMessageRequest Read(FieldReader fields) => new(
        fields.OptionalAccount("From_Account", ApiError.FromAccountInvalid),
        fields.Account("To_Account", ApiError.ReceiverInvalid),
        SendOptions.Read(fields));
}

public sealed record SendMessageResponse : Envelope
{
    public required long MsgTime { get; init; }

    public required string MsgKey { get; init; }
}
