using Parley.Accounts;
using Parley.Callbacks;
using Parley.Groups.Live;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>
/// Sends a message to a group: an administrator in any account's name, an account as itself.
/// <code>
/// POST /v4/group_open_http_svc/send_group_msg
/// { "GroupId": "hiking-2019", "From_Account": "u_ben", "Random": 3120457, "MsgPriority": "High",
///   "MsgBody": [ { "MsgType": "TIMTextElem", "MsgContent": { "Text": "start at 8, @Cleo" } } ], "GroupAtInfo": [ { "GroupAtAllFlag": 0, "GroupAt_Account": "u_cleo" } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "MsgTime": 1700000321, "MsgSeq": 41 }
/// </code>
/// </summary>
/// <remarks>
/// Units: MsgTime Unix seconds. A repeated call (same sender and Random within a second, or with the same content within five minutes) answers the first one's number.
/// More messages than the group takes: success with MsgDropReason and MsgSeq 0, nobody gets it.
/// Callbacks Group.CallbackBeforeSendMsg, which may refuse, drop or rewrite the message, Group.CallbackAfterSendMsg, and Group.CallbackSendMsgException where it could not be sent.
/// Errors: 10004 a parameter, 10007 not a member or the type does not take it, 10010 no such group, 10015 its name, 10016 or 10100 to 10200 refused by the app's callback, 80003 callback failed, 10017 muted, 10019 unknown sender, 110003 no such topic,
/// 10053 more than 30 mentions, 60010 another sender than the caller, 80001 a dirty word, 80002 too large. Source: API reference, groups §5.1.
/// </remarks>
public sealed class SendGroupMessage(
    AccountDirectory accounts, GroupStore groups, MessageTextCheck texts, GroupMessageSender sender, LiveMessageSender live, GroupMessageCallbacks callbacks,
    TimeProvider time)
    : ICommand<SendGroupMessageRequest, SendGroupMessageResponse>
{
    public async Task<Result<SendGroupMessageResponse>> HandleAsync(Caller caller, SendGroupMessageRequest request, CancellationToken cancellation)
    {
        var from = request.From ?? caller.Account;
        if (caller.RefuseAs(from, "From_Account") is { } forbidden)
        {
            return forbidden;
        }

        if (request.Message.Content.Size > caller.App.MaxMessageBytes)
        {
            return ApiError.GroupMessageTooLarge;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (await groups.PeekAsync(key, cancellation) is not { } head)
        {
            return key.NotFound;
        }

        if (await FindObjectionAsync(caller, from, cancellation) is { } objection)
        {
            return objection;
        }

        var message = callbacks.Begin(caller, request.ToMessage(key, from, caller) with { Nick = accounts.PeekNick(new AccountKey(key.SdkAppId, from)) }, request.Forbidden);
        var sent = await SendAsync(caller, head, message, request.Forbidden, cancellation);
        return sent.TryGet(out var stored, out var error)
            ? new SendGroupMessageResponse { MsgTime = stored.Time, MsgSeq = stored.Seq, MsgDropReason = stored.IsDropped ? "MsgFreqCtrl" : null }
            : error;
    }

    private async Task<Result<SentGroupMessage>> SendAsync(
        Caller caller, GroupHead head, OutgoingGroupMessage message, ForbiddenCallbacks forbidden, CancellationToken cancellation)
    {
        if (await texts.CheckAsync(caller.App, message.Message.Content.MsgBody, cancellation) is { } dirty)
        {
            await callbacks.TellFailureAsync(caller, head, message, dirty);
            return dirty;
        }

        if (!(await callbacks.AskAsync(caller, head, message, forbidden, cancellation)).TryGet(out var allowed, out var refused))
        {
            return refused;
        }

        if (allowed is null)
        {
            return new SentGroupMessage(0, time.GetUtcNow().ToUnixTimeSeconds(), false, head);
        }

        var sent = await (head.Traits.IsLive ? live.SendAsync(caller.App, allowed, cancellation) : sender.SendAsync(caller.App, allowed, cancellation));
        if ((sent.Error ?? (sent.Value.IsDropped ? ApiError.GroupTooOften : null)) is { } failure && failure != ApiError.GroupNotFound)
        {
            await callbacks.TellFailureAsync(caller, head, allowed, failure);
        }

        return sent;
    }

    // An administrator need not have been imported, nor can it be muted; its state is known then for its nickname.
    private async ValueTask<ApiError?> FindObjectionAsync(Caller caller, string from, CancellationToken cancellation)
    {
        var key = new AccountKey(caller.App.SdkAppId, from);
        var state = await accounts.StateAsync(key, cancellation);
        return caller.App.IsAdmin(from) ? null
            : !await accounts.ExistsAsync(key, cancellation) ? ApiError.GroupAccountNotFound.In("From_Account")
            : Mute.Remaining(state.GroupMutedUntil, time.GetUtcNow()) > 0 ? ApiError.GroupSenderMuted
            : null;
    }
}

public sealed record SendGroupMessageRequest(
    string GroupId, string? From, GroupMessage Message, bool IsOnlineOnly, bool MentionsAll, IReadOnlyList<string> Mentions, ForbiddenCallbacks Forbidden)
    : IRequest<SendGroupMessageRequest>
{
    private const int MostMentions = 30;
    private const int MostReceivers = 50;

    public static SendGroupMessageRequest Read(FieldReader fields)
    {
        var id = fields.GroupOrTopic();
        var control = fields.OptionalTexts("SendMsgControl", ApiError.GroupParameter);
        var isOnlineOnly = (fields.OptionalInteger("OnlineOnlyFlag", ApiError.GroupParameter) ?? fields.OptionalInteger("MsgOnlineOnlyFlag", ApiError.GroupParameter)) > 0;
        var forbidden = ForbiddenCallbacks.Read(fields, ApiError.GroupParameter);
        var to = fields.Has("To_Account") ? fields.Accounts("To_Account", MostReceivers) : [];
        if (isOnlineOnly && control.Count > 0)
        {
            fields.Fail(ApiError.GroupParameter.In("SendMsgControl"));
        }

        var (mentionsAll, mentions) = ReadMentions(fields);
        var message = new GroupMessage
        {
            From = "",
            Random = fields.Unsigned("Random", ApiError.GroupParameter),
            Priority = ReadPriority(fields),
            Content = ReadContent(fields),
            Counts = !control.Contains("NoUnread") && to.Count == 0,
            IsShownLast = !control.Contains("NoLastMsg"),
            To = to,
            At = fields.Element("GroupAtInfo") is { } at ? RawJson.Compact(at) : null,
        };
        return new SendGroupMessageRequest(id, fields.OptionalAccount("From_Account", ApiError.GroupParameter), message, isOnlineOnly, mentionsAll, mentions, forbidden);
    }

    public OutgoingGroupMessage ToMessage(GroupKey key, string from, Caller caller) =>
        new(key, Message with { From = from }, GroupActor.Of(caller, from), MentionsAll, Mentions, IsOnlineOnly) { CalledBy = caller.Account };

    /// <summary>Reads the content; what is wrong with it is 10004.</summary>
    internal static MessageContent ReadContent(FieldReader fields)
    {
        var apart = fields.Apart();
        var content = MessageContent.Read(apart);
        if (apart.Error is { } wrong)
        {
            fields.Fail(ApiError.GroupParameter with { Info = wrong.Info });
        }

        return content with { NeedsReadReceipt = fields.Flag("NeedReadReceipt", ApiError.GroupParameter) || content.NeedsReadReceipt };
    }

    private static MessagePriority ReadPriority(FieldReader fields)
    {
        var name = fields.OptionalText("MsgPriority", ApiError.GroupParameter) ?? nameof(MessagePriority.Normal);
        if (!Enum.TryParse<MessagePriority>(name, out var priority) || !Enum.IsDefined(priority) || priority.ToString() != name)
        {
            fields.Fail(ApiError.GroupParameter.In("MsgPriority"));
        }

        return priority;
    }

    private static (bool All, IReadOnlyList<string> Accounts) ReadMentions(FieldReader fields)
    {
        var mentions = fields.Has("GroupAtInfo") ? fields.Objects("GroupAtInfo", ApiError.GroupParameter) : [];
        if (mentions.Count > MostMentions)
        {
            fields.Fail(ApiError.TooManyMentions);
            return (false, []);
        }

        var accounts = new List<string>();
        var all = false;
        foreach (var mention in mentions)
        {
            if (mention.Flag("GroupAtAllFlag", ApiError.GroupParameter))
            {
                all = true;
            }
            else
            {
                accounts.Add(mention.Account("GroupAt_Account", ApiError.GroupParameter));
            }
        }

        return (all, accounts);
    }
}

public sealed record SendGroupMessageResponse : Envelope
{
    public required long MsgTime { get; init; }

    public required long MsgSeq { get; init; }

    public string? MsgDropReason { get; init; }
}
