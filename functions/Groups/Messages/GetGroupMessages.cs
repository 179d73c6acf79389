using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>
/// Pages backwards through a group's messages.
/// <code>
/// POST /v4/group_open_http_svc/group_msg_get_simple
/// { "GroupId": "hiking-2019", "ReqMsgSeq": 41, "ReqMsgNumber": 2 }
/// → { …, "GroupId": "hiking-2019", "IsFinished": 1, "RspMsgList": [
///     { "From_Account": "u_ben", "IsPlaceMsg": 0, "MsgBody": [ … ], "MsgPriority": 1, "MsgRandom": 3120457, "MsgSeq": 41, "MsgTimeStamp": 1700000321 },
///     { "From_Account": "", "IsPlaceMsg": 1, "MsgBody": [], "MsgRandom": 0, "MsgSeq": 40, "MsgTimeStamp": 0 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Newest first and without gaps: a number whose message is gone, or is not for the caller, has IsPlaceMsg 1; a recalled one 2 with WithRecalledMsg 1, else 1. IsFinished: 1 as
/// many as were asked for, or all; 0 more than 20 were asked for; 2 likewise, and all of these are gone. Twenty messages of the largest size stay far below 1 MB.
/// Errors: 10004 a parameter, 10007 not a member, 10010, 10015, 10044 the type has no history, 110003 no such topic. Source: API reference, groups §5.4.
/// </remarks>
public sealed class GetGroupMessages(GroupReader reader) : ICommand<GetGroupMessagesRequest, GetGroupMessagesResponse>
{
    private const int MostMessages = 20;

    public async Task<Result<GetGroupMessagesResponse>> HandleAsync(Caller caller, GetGroupMessagesRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (!(await reader.LookAsync(caller, key, GroupAction.ReadHistory, null, cancellation)).TryGet(out var sight, out var refusal))
        {
            return refusal;
        }

        var top = Math.Min(request.From ?? sight.Head.LastSeq, sight.Head.LastSeq);
        var count = Math.Min(Math.Min(request.Count, MostMessages), top);
        var bottom = top - count + 1;
        var found = (await reader.ReadAsync(key, Math.Max(bottom, sight.First), top, cancellation)).Where(sight.Sees).ToDictionary(message => message.Seq);
        var isCut = request.Count > MostMessages && bottom > 1;
        return new GetGroupMessagesResponse
        {
            GroupId = key.Group.GroupId,
            IsFinished = !isCut ? 1 : top < sight.First ? 2 : 0,
            RspMsgList = [.. Enumerable.Range(0, (int)count).Select(i => ListedMessage.Of(top - i, found.GetValueOrDefault(top - i), request.WithRecalled))],
        };
    }
}

/// <param name="From">The newest number that is wanted; null for the latest.</param>
public sealed record GetGroupMessagesRequest(string GroupId, long Count, long? From, bool WithRecalled) : IRequest<GetGroupMessagesRequest>
{
    public static GetGroupMessagesRequest Read(FieldReader fields)
    {
        var id = fields.GroupOrTopic();
        var (count, from) = (fields.Integer("ReqMsgNumber", ApiError.GroupParameter), fields.OptionalInteger("ReqMsgSeq", ApiError.GroupParameter));
        if (count < 1 || from < 1)
        {
            fields.Fail(ApiError.GroupParameter.In(count < 1 ? "ReqMsgNumber" : "ReqMsgSeq"));
        }

        return new GetGroupMessagesRequest(id, count, from, fields.Flag("WithRecalledMsg", ApiError.GroupParameter));
    }
}

public sealed record GetGroupMessagesResponse : Envelope
{
    public required string GroupId { get; init; }

    public required int IsFinished { get; init; }

    public required IReadOnlyList<ListedMessage> RspMsgList { get; init; }
}

/// <summary>A message, or a place where one was.</summary>
public sealed record ListedMessage(
    [property: JsonPropertyName("From_Account")] string FromAccount,
    int IsPlaceMsg, RawJson MsgBody, int? MsgPriority, uint MsgRandom, long MsgSeq, long MsgTimeStamp, int? IsSystemMsg, string? CloudCustomData)
{
    private static readonly RawJson Nothing = new("[]");

    /// <param name="message">Null when there is nothing to see.</param>
    public static ListedMessage Of(long sequence, GroupMessage? message, bool withRecalled) => message switch
    {
        null or { IsRecalled: true } when message is null || !withRecalled => new ListedMessage("", 1, Nothing, null, 0, sequence, 0, null, null),
        { IsRecalled: true } => new ListedMessage(message.From, 2, Nothing, (int)message.Priority, message.Random, sequence, message.Time, null, null),
        _ => new ListedMessage(
            message.From, 0, message.Content.MsgBody, message.IsTip ? null : (int)message.Priority, message.Random, sequence, message.Time, message.IsTip ? 1 : null,
            message.Content.CloudCustomData),
    };
}
