using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Gives a stored one-to-one message another body, other custom data, or both.
/// <code>
/// POST /v4/openim/modify_c2c_msg
/// { "From_Account": "mia.k", "To_Account": "jonas", "MsgKey": "501_77120934_1700000321",
///   "MsgBody": [ { "MsgType": "TIMTextElem", "MsgContent": { "Text": "Lunch at one?" } } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "succeed", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// An account may modify what it sent itself. Both sides' devices hear a C2CModify with the whole content.
/// Errors: those of the checks that a message of an account must pass (20012 muted), 20022 no such message, 20023 it was recalled, 60010 another account's message, 80001 a dirty word, 90002 90007 90010 MsgBody, 90003 90012 To_Account,
/// 90008 From_Account, 90054 MsgKey, 93000 too large. Source: API reference, openim §8.
/// </remarks>
public sealed class ModifyMessage(
    AccountDirectory accounts, SendChecks checks, MessageTextCheck texts, MessageModification modification, EventDelivery events) : ICommand<ModifyMessageRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, ModifyMessageRequest request, CancellationToken cancellation)
    {
        if (await request.Message.CheckAsync(caller, accounts, ApiError.ReceiverNotImported, cancellation) is { } refused)
        {
            return refused;
        }

        var sides = request.Message.Sides(caller.App.SdkAppId);
        if (!caller.IsAdmin && await checks.CheckAsync(caller.App, sides.From, sides.To, cancellation) is { } objection)
        {
            return objection;
        }

        if (await texts.CheckAsync(caller.App, request.MsgBody, cancellation) is { } dirty)
        {
            return dirty;
        }

        return await ModifyAsync(request, sides, caller.App.MaxMessageBytes) switch
        {
            ChangeResult.TooLarge => ApiError.MessageTooLarge,
            ChangeResult.Done => Envelope.Ok with { ErrorInfo = "succeed" },
            ChangeResult.Recalled => ApiError.MessageRecalled,
            _ => ApiError.MessageNotFound,
        };
    }

    // The sender's copy decides, if it has the message; the receiver's follows.
    private async Task<ChangeResult> ModifyAsync(ModifyMessageRequest request, (AccountKey From, AccountKey To) sides, int mostBytes)
    {
        var (from, to) = sides;
        var key = request.Message.Key;
        var attempt = Guid.NewGuid().ToString("N");
        var (outcome, content) = await modification.DecideAsync(from, to.Account, key, isOutgoing: true, request.MsgBody, request.CloudCustomData, attempt, mostBytes);
        await events.SendAsync(from, outcome.Event);
        if (from == to || outcome.Result is ChangeResult.Recalled or ChangeResult.TooLarge)
        {
            return outcome.Result;
        }

        var followed = content is not null
            ? await modification.FollowAsync(to, from.Account, key, isOutgoing: false, content)
            : (await modification.DecideAsync(to, from.Account, key, isOutgoing: false, request.MsgBody, request.CloudCustomData, attempt, mostBytes)).Outcome;
        await events.SendAsync(to, followed.Event);
        return content is not null ? outcome.Result : followed.Result;
    }
}

public sealed record ModifyMessageRequest(MessageReference Message, RawJson? MsgBody, string? CloudCustomData) : IRequest<ModifyMessageRequest>
{
    public static ModifyMessageRequest Read(FieldReader fields)
    {
        var message = MessageReference.Read(fields);
        var data = fields.OptionalText("CloudCustomData", ApiError.MessageContent);
        return new ModifyMessageRequest(message, fields.Has("MsgBody") || data is null ? MessageContent.ReadBody(fields) : null, data);
    }
}
