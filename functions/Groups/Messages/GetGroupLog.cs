using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>
/// Pulls a piece of a group's log of messages, or of its log of changes. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/group_open_http_svc/get_group_log
/// { "GroupId": "hiking-2019", "Timeline": "group:hiking-2019", "AfterSeq": 38, "MaxCnt": 100 }
/// → { "ActionStatus": "OK", …, "Timeline": "group:hiking-2019", "Epoch": 1699990000123, "FirstSeq": 1, "LastSeq": 41, "ReadSeq": 38, "UnreadMsgNum": 2,
///     "FromSeq": 39, "UpToSeq": 41, "Entries": [ { "Type": "GroupMessage", "Seq": 39, … }, … ] }
/// </code>
/// </summary>
/// <remarks>
/// Timeline: group: and the group's name, as if absent, or groupchange: and the name; TopicId reads a topic's, with the topic's name. AfterSeq reads forwards, BeforeSeq backwards, entries are oldest first; one of the two. MaxCnt is 1 to 200, 100 if
/// absent; a page that would be larger than 1 MB is shorter. The piece covers the numbers FromSeq to UpToSeq (nothing if UpToSeq is less): what is missing in between is gone, as is all before FirstSeq.
/// Errors: 10004, 10007 not a member, 10010, 10015, 10044 the type has no history, 110003 no such topic, 60010 another account's view. Our own command.
/// </remarks>
public sealed class GetGroupLog(GroupReader reader, GroupLog log) : ICommand<GetGroupLogRequest, GetGroupLogResponse>
{
    public async Task<Result<GetGroupLogResponse>> HandleAsync(Caller caller, GetGroupLogRequest request, CancellationToken cancellation)
    {
        if (caller.RefuseAs(request.Owner, "Owner_Account") is { } forbidden)
        {
            return forbidden;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (!(await reader.LookAsync(caller, key, GroupAction.ReadHistory, request.Owner, cancellation)).TryGet(out var sight, out var refusal))
        {
            return refusal;
        }

        var page = await (request.IsOfChanges
            ? log.ReadChangesAsync(key, sight, request.Range, cancellation)
            : log.ReadMessagesAsync(key, sight, request.Range, cancellation));
        return new GetGroupLogResponse
        {
            Timeline = request.IsOfChanges ? GroupEvent.ChangesOf(request.GroupId) : GroupEvent.TimelineOf(request.GroupId),
            Epoch = sight.Head.Epoch,
            FirstSeq = page.FirstSeq,
            LastSeq = page.LastSeq,
            ReadSeq = sight.Member?.ShownReadSeq(sight.Head) ?? 0,
            UnreadMsgNum = sight.Member?.Unread(sight.Head) ?? 0,
            FromSeq = page.FromSeq,
            UpToSeq = page.UpToSeq,
            Entries = page.Entries,
        };
    }
}

public sealed record GetGroupLogRequest(string GroupId, string? Owner, bool IsOfChanges, LogRange Range) : IRequest<GetGroupLogRequest>
{
    private const int DefaultCount = 100;
    private const int MostEntries = 200;

    public static GetGroupLogRequest Read(FieldReader fields)
    {
        var (id, owner) = (fields.GroupOrTopic(), fields.OptionalAccount("Owner_Account", ApiError.GroupParameter));
        var timeline = fields.OptionalText("Timeline", ApiError.GroupParameter) ?? GroupEvent.TimelineOf(id);
        if (timeline != GroupEvent.TimelineOf(id) && timeline != GroupEvent.ChangesOf(id))
        {
            fields.Fail(ApiError.GroupParameter.In("Timeline"));
        }

        var (after, before) = (fields.OptionalInteger("AfterSeq", ApiError.GroupParameter), fields.OptionalInteger("BeforeSeq", ApiError.GroupParameter));
        var count = fields.OptionalInteger("MaxCnt", ApiError.GroupParameter) ?? DefaultCount;
        if (after is null == before is null || after < 0 || before < 1 || count is < 1 or > MostEntries)
        {
            fields.Fail(ApiError.GroupParameter.In("AfterSeq, BeforeSeq or MaxCnt"));
        }

        return new GetGroupLogRequest(id, owner, timeline == GroupEvent.ChangesOf(id), new LogRange(after, before ?? 1, (int)Math.Clamp(count, 1, MostEntries)));
    }
}

public sealed record GetGroupLogResponse : Envelope
{
    public required string Timeline { get; init; }

    public required long Epoch { get; init; }

    public required long FirstSeq { get; init; }

    public required long LastSeq { get; init; }

    public required long ReadSeq { get; init; }

    public required long UnreadMsgNum { get; init; }

    public required long FromSeq { get; init; }

    public required long UpToSeq { get; init; }

    public required IReadOnlyList<RawJson> Entries { get; init; }
}
