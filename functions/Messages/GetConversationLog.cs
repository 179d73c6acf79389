using Parley.Rest;

namespace Parley.Messages;

/// <summary>
/// Pulls a piece of the log of one side's copy of a conversation: what a device missed, or older pages. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/openim/get_c2c_log
/// { "Owner_Account": "jonas", "Peer_Account": "mia.k", "AfterSeq": 12, "MaxCnt": 100 }
/// → { "ActionStatus": "OK", …, "Timeline": "c2c:mia.k", "Epoch": 1699990000123, "FirstSeq": 1, "LastSeq": 15, "ReadSeq": 12, "UnreadMsgNum": 2, "FromSeq": 13, "UpToSeq": 15,
///     "Entries": [ { "Type": "C2CMessage", "Seq": 13, … }, … ] }
/// </code>
/// </summary>
/// <remarks>
/// AfterSeq reads forwards, BeforeSeq backwards, entries are oldest first; one of the two. MaxCnt is 1 to 200, 100 if absent. The piece covers the numbers
/// FromSeq to UpToSeq (nothing if UpToSeq is less): what is missing in between is gone, as is all before FirstSeq.
/// A conversation that does not exist is empty: LastSeq 0.
/// Errors: 60010 another account's log, 90001 a number is missing or wrong, 90003 Peer_Account, 90008 Owner_Account. Our own command.
/// </remarks>
public sealed class GetConversationLog(ConversationAccess access, ConversationLog log, TimeProvider time) : ICommand<ConversationLogRequest, ConversationLogResponse>
{
    public async Task<Result<ConversationLogResponse>> HandleAsync(Caller caller, ConversationLogRequest request, CancellationToken cancellation)
    {
        if (!(await access.FindOwnerAsync(caller, request.Copy, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var start = caller.App.RoamingStart(time.GetUtcNow());
        var page = request.AfterSeq is { } after
            ? await log.ReadAfterAsync(owner, request.Copy.Peer, after, request.MaxCount, start, cancellation)
            : await log.ReadBeforeAsync(owner, request.Copy.Peer, request.BeforeSeq, request.MaxCount, start, cancellation);
        return new ConversationLogResponse
        {
            Timeline = C2CEvent.TimelineOf(request.Copy.Peer),
            Epoch = page?.Conversation.Epoch ?? 0,
            FirstSeq = page?.Conversation.FirstSeq ?? 1,
            LastSeq = page?.Conversation.LastSeq ?? 0,
            ReadSeq = page?.Conversation.ReadSeq ?? 0,
            UnreadMsgNum = page?.Conversation.Unread ?? 0,
            FromSeq = page?.FromSeq ?? 1,
            UpToSeq = page?.UpToSeq ?? 0,
            Entries = page?.Entries ?? [],
        };
    }
}

/// <param name="AfterSeq">Null to read backwards from BeforeSeq.</param>
public sealed record ConversationLogRequest(ConversationReference Copy, long? AfterSeq, long BeforeSeq, int MaxCount) : IRequest<ConversationLogRequest>
{
    private const int DefaultCount = 100;
    private const int MostEntries = 200;

    public static ConversationLogRequest Read(FieldReader fields)
    {
        var copy = ConversationReference.Read(fields, "Owner_Account");
        var after = fields.OptionalInteger("AfterSeq", ApiError.MessageNumber);
        var before = fields.OptionalInteger("BeforeSeq", ApiError.MessageNumber);
        var count = fields.OptionalInteger("MaxCnt", ApiError.MessageNumber) ?? DefaultCount;
        if (after is null == before is null || after < 0 || before < 1 || count is < 1 or > MostEntries)
        {
            fields.Fail(ApiError.MessageNumber.In(after is null == before is null ? "AfterSeq or BeforeSeq" : "AfterSeq, BeforeSeq or MaxCnt"));
        }

        return new ConversationLogRequest(copy, after, before ?? 1, (int)Math.Clamp(count, 1, MostEntries));
    }
}

public sealed record ConversationLogResponse : Envelope
{
    public required string Timeline { get; init; }

    public required long Epoch { get; init; }

    public required long FirstSeq { get; init; }

    public required long LastSeq { get; init; }

    public required long ReadSeq { get; init; }

    public required long UnreadMsgNum { get; init; }

    public required long FromSeq { get; init; }

    public required long UpToSeq { get; init; }

    public required IReadOnlyList<C2CEvent> Entries { get; init; }
}
