using Parley.Apps;
using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Messages;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>The callbacks about messages to groups: Group.CallbackBeforeSendMsg, Group.CallbackAfterSendMsg and Group.CallbackSendMsgException.</summary>
/// <remarks>Source: API reference, callbacks §7.7, §7.8, §7.13.</remarks>
public sealed class GroupMessageCallbacks(BeforeCallbacks before, GroupCallbacks callbacks, MessageTextCheck texts, TimeProvider time)
{
    /// <summary>Gives a message the callback that follows it.</summary>
    public OutgoingGroupMessage Begin(Caller caller, OutgoingGroupMessage message, ForbiddenCallbacks forbidden) => forbidden.For(caller).After
        ? message
        : message with { Callback = callbacks.Begin(CallbackCause.Of(caller), CallbackCommands.AfterSendGroupMessage) };

    /// <summary>Asks the app.</summary>
    /// <returns>The message as it shall be sent; null when it shall not, and the sender is told of success; or what the sender gets.</returns>
    public async Task<Result<OutgoingGroupMessage?>> AskAsync(
        Caller caller, GroupHead head, OutgoingGroupMessage message, ForbiddenCallbacks forbidden, CancellationToken cancellation)
    {
        var (app, command) = (caller.App, CallbackCommands.BeforeSendGroupMessage);
        if (forbidden.For(caller).Before)
        {
            return message;
        }

        var verdict = await before.AskAsync(
            app, command, caller.Origin, () => FieldsOf(message, head, caller.Account, time.GetUtcNow()), ParleyJson.Wire.GroupCallbackFields, cancellation);
        if (verdict.Answer is { } answer)
        {
            if (await RewriteAsync(app, message, answer, cancellation) is { } rewritten)
            {
                return rewritten;
            }

            verdict = BeforeVerdict.OfFailure(app, command);
        }

        return verdict.Refusal is { } refusal ? refusal : verdict.IsDropped ? (OutgoingGroupMessage?)null : message;
    }

    /// <summary>Appends the callback about a message inside the change that stores it.</summary>
    public static void Append(GroupPartition group, GroupHead head, OutgoingGroupMessage message, long sequence, long messageTime)
    {
        if (message.Callback is { } callback)
        {
            callback.Append(group, SentFields(message, head, sequence, messageTime, group.Now));
        }
    }

    /// <summary>Appends the callback about a message that is stored nowhere.</summary>
    public Task AppendAsync(OutgoingGroupMessage message, SentGroupMessage sent) => message.Callback is { } callback
        ? callbacks.AppendAsync(message.Group, callback, SentFields(message, sent.Head, sent.Seq, sent.Time, time.GetUtcNow()))
        : Task.CompletedTask;

    /// <summary>Tells of a message that could not be sent.</summary>
    public Task TellFailureAsync(Caller caller, GroupHead head, OutgoingGroupMessage message, ApiError error) =>
        callbacks.Begin(CallbackCause.Of(caller), CallbackCommands.GroupMessageFailed) is { } callback
            ? callbacks.AppendAsync(message.Group, callback, FieldsOf(message, head, caller.Account, callback.At) with { ErrorCode = error.Code, ErrorInfo = error.Info })
            : Task.CompletedTask;

    private static GroupCallbackFields SentFields(OutgoingGroupMessage message, GroupHead head, long sequence, long messageTime, DateTimeOffset at) =>
        FieldsOf(message, head, message.CalledBy, at) with { MsgSeq = sequence, MsgTime = messageTime, GroupAtInfo = message.Message.At };

    private static GroupCallbackFields FieldsOf(OutgoingGroupMessage message, GroupHead head, string calledBy, DateTimeOffset at) =>
        GroupCallbackFields.Of(message.Group, head, at) with
        {
            FromAccount = message.Message.From,
            OperatorAccount = calledBy,
            Random = message.Message.Random,
            OnlineOnlyFlag = message.IsOnlineOnly && !head.Traits.IsLive ? 1 : 0,
            MsgBody = message.Message.Content.MsgBody,
            CloudCustomData = message.Message.Content.CloudCustomData ?? "",
        };

    // Null when what the app wants instead is no message that could be sent.
    private async Task<OutgoingGroupMessage?> RewriteAsync(App app, OutgoingGroupMessage message, FieldReader answer, CancellationToken cancellation)
    {
        var content = await MessageCallbacks.RewriteAsync(app, message.Message.Content, answer, texts, cancellation);
        return content is null ? null : message with { Message = message.Message with { Content = content } };
    }
}
