using Parley.Accounts;
using Parley.Activities;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Takes over one past message from another system, into both sides' copies.
/// <code>
/// POST /v4/openim/importmsg
/// { "SyncFromOldSystem": 2, "From_Account": "mia.k", "To_Account": "jonas", "MsgSeq": 88, "MsgRandom": 4711, "MsgTimeStamp": 1690000000,
///   "MsgBody": [ { "MsgType": "TIMTextElem", "MsgContent": { "Text": "from the old system" } } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Units: MsgTimeStamp Unix seconds. SyncFromOldSystem 2: history, read, nobody hears of it, found by its time whenever it comes; 1: counts as unread,
/// nobody hears of it; 5: counts as unread and is delivered. The same MsgSeq, MsgRandom and MsgTimeStamp in one conversation, from either side, is one message: the first stays.
/// A message older than the app keeps is accepted and not stored. No callbacks.
/// Errors: 90002 90007 90010 MsgBody, 90003 90012 To_Account, 90004 MsgSeq, 90005 MsgRandom, 90006 MsgTimeStamp (also one more than five minutes ahead), 90008 From_Account,
/// 90030 SyncFromOldSystem, 93000 too large. Source: API reference, openim §3, messages §6; the rules for old and future times are our choice.
/// </remarks>
public sealed class ImportMessage(AccountDirectory accounts, MessageImport import, ActiveHours activity, TimeProvider time) : ICommand<ImportMessageRequest, Envelope>
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public async Task<Result<Envelope>> HandleAsync(Caller caller, ImportMessageRequest request, CancellationToken cancellation)
    {
        var (from, to) = (new AccountKey(caller.App.SdkAppId, request.From), new AccountKey(caller.App.SdkAppId, request.To));
        if (!await accounts.ExistsAsync(from, cancellation))
        {
            return ApiError.FromAccountInvalid.In("From_Account");
        }

        if (!await accounts.ExistsAsync(to, cancellation))
        {
            return ApiError.ReceiverNotImported;
        }

        if (request.Content.Size > caller.App.MaxMessageBytes)
        {
            return ApiError.MessageTooLarge;
        }

        var now = time.GetUtcNow();
        if (request.Key.MsgTime > (now + ClockTolerance).ToUnixTimeSeconds())
        {
            return ApiError.MsgTimeStampInvalid.In("MsgTimeStamp");
        }

        if (request.Key.MsgTime >= caller.App.RoamingStart(now))
        {
            await import.ImportAsync(from, to, request.Key, request.Content, request.Kind);
            if (request.Kind != ImportKind.History)
            {
                await activity.NoteAsync(caller.App, ChatType.C2C, request.Key.MsgTime, from.Account, to.Account);
            }
        }

        return Envelope.Ok;
    }
}

public sealed record ImportMessageRequest(string From, string To, MessageKey Key, MessageContent Content, ImportKind Kind) : IRequest<ImportMessageRequest>
{
    public static ImportMessageRequest Read(FieldReader fields)
    {
        var kind = fields.Integer("SyncFromOldSystem", ApiError.SyncFromOldSystemInvalid) switch
        {
            1 => ImportKind.Unread,
            2 => ImportKind.History,
            5 => ImportKind.Delivered,
            _ => Wrong(fields),
        };
        var (from, to) = (fields.Account("From_Account", ApiError.FromAccountInvalid), fields.Account("To_Account", ApiError.ReceiverInvalid));
        var seq = fields.OptionalUnsigned("MsgSeq", ApiError.MsgSeqInvalid) ?? MessageKey.RandomMsgSeq();
        var random = fields.Unsigned("MsgRandom", ApiError.MsgRandomInvalid);
        var sent = fields.Integer("MsgTimeStamp", ApiError.MsgTimeStampInvalid);
        if (sent < 0)
        {
            fields.Fail(ApiError.MsgTimeStampInvalid.In("MsgTimeStamp"));
        }

        return new ImportMessageRequest(from, to, new MessageKey(seq, random, sent), MessageContent.Read(fields), kind);
    }

    private static ImportKind Wrong(FieldReader fields)
    {
        fields.Fail(ApiError.SyncFromOldSystemInvalid.In("SyncFromOldSystem"));
        return ImportKind.History;
    }
}
