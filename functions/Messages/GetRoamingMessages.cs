using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Messages;

/// <summary>
/// Pages backwards through one account's copy of a one-to-one conversation.
/// <code>
/// POST /v4/openim/admin_getroammsg
/// { "Operator_Account": "jonas", "Peer_Account": "mia.k", "MaxCnt": 2, "MinTime": 1700000000, "MaxTime": 1700003600 }
/// → { "ActionStatus": "OK", …, "Complete": 0, "MsgCnt": 2, "LastMsgTime": 1700000321, "LastMsgKey": "501_77120934_1700000321", "MsgList": [ … ] }
/// </code>
/// </summary>
/// <remarks>
/// Units: times are Unix seconds, both ends included. MsgList is oldest first; LastMsg* name its oldest entry and are sent back for the next page.
/// Messages older than the app's roaming days are not shown. From_Account and To_Account are the older names of Operator_Account and Peer_Account.
/// Errors: 60010 another account's copy, 90001 bad JSON, or a number that is missing or none; 90003 Peer_Account and 90008 Operator_Account missing or unknown.
/// Source: API reference, openim §4. MaxCnt is capped at 100, and the reference's 13 KB page is not applied: our choice.
/// </remarks>
public sealed class GetRoamingMessages(ConversationAccess access, ConversationHistory history, TimeProvider time)
    : ICommand<RoamingMessagesRequest, RoamingMessagesResponse>
{
    private const int MaxPageSize = 100;

    public async Task<Result<RoamingMessagesResponse>> HandleAsync(Caller caller, RoamingMessagesRequest request, CancellationToken cancellation)
    {
        var copy = new ConversationReference(request.Operator, request.Peer, "Operator_Account");
        if (!(await access.FindOwnerAsync(caller, copy, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var query = new HistoryQuery(
            Math.Max(request.MinTime, caller.App.RoamingStart(time.GetUtcNow())),
            request.MaxTime,
            (int)Math.Clamp(request.MaxCnt, 1, MaxPageSize),
            request.LastMsgKey is { } key ? MessageKey.Parse(key) : null);
        var page = await history.ReadAsync(owner, request.Peer, query, cancellation);
        var oldest = page.Messages.Count > 0 ? page.Messages[0] : null;
        return new RoamingMessagesResponse
        {
            Complete = page.IsComplete ? 1 : 0,
            MsgCnt = page.Messages.Count,
            LastMsgTime = oldest?.Time ?? 0,
            LastMsgKey = oldest?.Key.ToString() ?? "",
            MsgList = [.. page.Messages.Select(message => RoamingMessage.From(message, request.Operator, request.Peer))],
        };
    }
}

public sealed record RoamingMessagesRequest(string Operator, string Peer, long MaxCnt, long MinTime, long MaxTime, string? LastMsgKey)
    : IRequest<RoamingMessagesRequest>
{
    public static RoamingMessagesRequest Read(FieldReader fields) => new(
        fields.Account(fields.Has("Operator_Account") ? "Operator_Account" : "From_Account", ApiError.FromAccountInvalid),
        fields.Account(fields.Has("Peer_Account") ? "Peer_Account" : "To_Account", ApiError.ReceiverInvalid),
        fields.Integer("MaxCnt", ApiError.MessageNumber),
        fields.Integer("MinTime", ApiError.MessageNumber),
        fields.Integer("MaxTime", ApiError.MessageNumber),
        fields.OptionalText("LastMsgKey", ApiError.MessageJson));
}

public sealed record RoamingMessagesResponse : Envelope
{
    public required int Complete { get; init; }

    public required int MsgCnt { get; init; }

    public required long LastMsgTime { get; init; }

    public required string LastMsgKey { get; init; }

    public required IReadOnlyList<RoamingMessage> MsgList { get; init; }
}

/// <summary>A stored message as the API shows it: with its real sender and receiver, whoever's copy it is from.</summary>
public sealed record RoamingMessage
{
    /// <summary>MsgFlagBits of a recalled message.</summary>
    public const int RecalledFlag = 8;

    [JsonPropertyName("From_Account")]
    public required string FromAccount { get; init; }

    [JsonPropertyName("To_Account")]
    public required string ToAccount { get; init; }

    public required uint MsgSeq { get; init; }

    public required uint MsgRandom { get; init; }

    public required long MsgTimeStamp { get; init; }

    /// <summary>0: an ordinary message; 8: recalled.</summary>
    public int MsgFlagBits { get; init; }

    public int IsPeerRead { get; init; }

    public required string MsgKey { get; init; }

    /// <summary>Empty for a recalled message.</summary>
    public required RawJson MsgBody { get; init; }

    public string? CloudCustomData { get; init; }

    public static RoamingMessage From(StoredMessage message, string owner, string peer) => new()
    {
        FromAccount = message.IsOutgoing ? owner : peer,
        ToAccount = message.IsOutgoing ? peer : owner,
        MsgSeq = message.Key.MsgSeq,
        MsgRandom = message.Key.MsgRandom,
        MsgTimeStamp = message.Time,
        MsgFlagBits = message.IsRecalled ? RecalledFlag : 0,
        IsPeerRead = message.IsPeerRead ? 1 : 0,
        MsgKey = message.Key.ToString(),
        MsgBody = message.Content.MsgBody,
        CloudCustomData = message.Content.CloudCustomData,
    };
}
