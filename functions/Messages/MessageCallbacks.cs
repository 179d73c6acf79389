using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>The callbacks about one-to-one messages that are sent: C2C.CallbackBeforeSendMsg and C2C.CallbackAfterSendMsg.</summary>
/// <remarks>Source: API reference, callbacks §6.1, §6.2.</remarks>
public sealed class MessageCallbacks(BeforeCallbacks before, AfterCallbacks after, AccountDirectory accounts, MessageTextCheck texts)
{
    private const string Succeeded = "send msg succeed";
    private const int NotSent = -1;

    /// <summary>Gives a message the callback that follows it.</summary>
    public OutgoingMessage Begin(Caller caller, OutgoingMessage message, ForbiddenCallbacks forbidden) =>
        forbidden.For(caller).After ? message : message with { Callback = after.Begin(caller.App, CallbackCommands.AfterSendMessage, caller.Origin) };

    /// <summary>Whether the app is asked before a message is sent.</summary>
    public bool IsAsked(Caller caller, ForbiddenCallbacks forbidden) => CallbackCommands.BeforeSendMessage.IsOn(caller.App) && !forbidden.For(caller).Before;

    /// <summary>Asks the app.</summary>
    /// <returns>The message as it shall be sent; null when it shall not, and the sender is told of success; or what the sender gets.</returns>
    public async Task<Result<OutgoingMessage?>> AskAsync(Caller caller, OutgoingMessage message, CancellationToken cancellation)
    {
        var (app, command) = (caller.App, CallbackCommands.BeforeSendMessage);
        var verdict = await before.AskAsync(app, command, caller.Origin, () => SentMessageFields.Of(message), ParleyJson.Wire.SentMessageFields, cancellation);
        if (verdict.Answer is { } answer)
        {
            if (await RewriteAsync(app, message.Content, answer, texts, cancellation) is { } content)
            {
                return message with { Content = content };
            }

            verdict = BeforeVerdict.OfFailure(app, command);
        }

        return verdict.Refusal is { } refusal ? refusal : verdict.IsDropped ? (OutgoingMessage?)null : message;
    }

    /// <summary>Appends the callback about a message to the partition that stores it.</summary>
    public static void Append(PartitionView view, AfterCallback callback, OutgoingMessage message) =>
        callback.Append(view, SentMessageFields.Of(message) with { SendMsgResult = 0, ErrorInfo = Succeeded }, ParleyJson.Wire.SentMessageFields, unreadOf: message.To);

    /// <summary>Appends the callback about a message that is stored nowhere, beside the receiver's others.</summary>
    public Task AppendAsync(AccountKey receiver, OutgoingMessage message) => after.AppendAsync(
        CallbackStream.Of(receiver), message.Callback, SentMessageFields.Of(message) with { SendMsgResult = 0, ErrorInfo = Succeeded }, ParleyJson.Wire.SentMessageFields,
        unreadOf: message.To);

    /// <summary>Appends the callback about a message that was not sent, beside the receiver's others, or the sender's where there is no receiver.</summary>
    /// <returns>The error.</returns>
    public async Task<ApiError> FailAsync(App app, OutgoingMessage message, ApiError error, CancellationToken cancellation)
    {
        if (message.Callback is not null && error != ApiError.UnknownSender)
        {
            var receiver = new AccountKey(app.SdkAppId, message.To);
            var owner = error != ApiError.ReceiverNotImported && await accounts.ExistsAsync(receiver, cancellation) ? receiver : receiver with { Account = message.From };
            var fields = SentMessageFields.Of(message) with { SendMsgResult = error.Code, ErrorInfo = error.Info, UnreadMsgNum = NotSent };
            await after.AppendAsync(CallbackStream.Of(owner), message.Callback, fields, ParleyJson.Wire.SentMessageFields);
        }

        return error;
    }

    /// <summary>The content that the app wants instead of a message's, from its answer.</summary>
    /// <returns>Null when that is none that could be sent.</returns>
    public static async Task<MessageContent?> RewriteAsync(App app, MessageContent before, FieldReader answer, MessageTextCheck texts, CancellationToken cancellation)
    {
        var content = before with
        {
            MsgBody = answer.Has("MsgBody") ? MessageContent.ReadBody(answer) : before.MsgBody,
            CloudCustomData = answer.OptionalText("CloudCustomData", ApiError.MessageContent) ?? before.CloudCustomData,
            OfflinePushInfo = MessageContent.ReadPushInfo(answer) ?? before.OfflinePushInfo,
        };
        if (answer.Error is not null || content == before)
        {
            return answer.Error is null ? before : null;
        }

        return content.Size <= app.MaxMessageBytes && await texts.CheckAsync(app, content.MsgBody, cancellation) is null ? content : null;
    }
}

/// <summary>
/// What both callbacks tell of a message; the one after sending also how that went.
/// <code>
/// { "CallbackCommand": "C2C.CallbackAfterSendMsg", "From_Account": "mia.k", "To_Account": "jonas", "MsgSeq": 501, "MsgRandom": 77120934, "MsgTime": 1700000321,
///   "MsgKey": "501_77120934_1700000321", "OnlineOnlyFlag": 0, "MsgBody": [ … ], "CloudCustomData": "", "SendMsgResult": 0, "ErrorInfo": "send msg succeed", "UnreadMsgNum": 4 }
/// </code>
/// </summary>
public sealed record SentMessageFields
{
    [JsonPropertyName("From_Account")]
    public required string FromAccount { get; init; }

    [JsonPropertyName("To_Account")]
    public required string ToAccount { get; init; }

    public required uint MsgSeq { get; init; }

    public required uint MsgRandom { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long MsgTime { get; init; }

    public required string MsgKey { get; init; }

    public required int OnlineOnlyFlag { get; init; }

    public required RawJson MsgBody { get; init; }

    public required string CloudCustomData { get; init; }

    /// <summary>0, or the error that the sender got.</summary>
    public int? SendMsgResult { get; init; }

    public string? ErrorInfo { get; init; }

    /// <summary>-1 where the message was not sent; else filled in when the callback is sent.</summary>
    public int? UnreadMsgNum { get; init; }

    public static SentMessageFields Of(OutgoingMessage message) => new()
    {
        FromAccount = message.From,
        ToAccount = message.To,
        MsgSeq = message.Key.MsgSeq,
        MsgRandom = message.Key.MsgRandom,
        MsgTime = message.Key.MsgTime,
        MsgKey = message.Key.ToString(),
        OnlineOnlyFlag = message.IsOnlineOnly ? 1 : 0,
        MsgBody = message.Content.MsgBody,
        CloudCustomData = message.Content.CloudCustomData ?? "",
    };
}
