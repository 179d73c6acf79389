using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Messages;

/// <summary>
/// Sends one message to up to 500 accounts, each in its own conversation.
/// <code>
/// POST /v4/openim/batchsendmsg
/// { "SyncOtherMachine": 2, "From_Account": "mia.k", "To_Account": ["jonas", "nobody"], "MsgSeq": 12, "MsgRandom": 5591,
///   "MsgBody": [ { "MsgType": "TIMTextElem", "MsgContent": { "Text": "Office closed tomorrow" } } ] }
/// → { "ActionStatus": "SomeError", "ErrorInfo": "", "ErrorCode": 0, "MsgKey": "12_5591_1700000400",
///     "ErrorList": [ { "To_Account": "nobody", "ErrorCode": 70107 } ] }
/// </code>
/// </summary>
/// <remarks>
/// The messages of one call have one key; a repeated call keeps the keys of what it had stored. An account named twice gets the message once (our choice). ActionStatus is OK, SomeError, or FAIL when nobody got it.
/// Errors: as sendmsg, and 90011 more than 500 receivers; in ErrorList 70107 unknown account, 91000 storage failed.
/// Source: API reference, openim §2.
/// </remarks>
public sealed partial class SendMessages(MessageSender sender, MessageTextCheck texts, TimeProvider time, ILogger<SendMessages> logger)
    : ICommand<SendMessagesRequest, SendMessagesResponse>
{
    // Enough to fill transactions in the sender's partition, few enough to leave connections for others.
    private const int AtOnce = 64;

    public async Task<Result<SendMessagesResponse>> HandleAsync(Caller caller, SendMessagesRequest request, CancellationToken cancellation)
    {
        if (request.Send.Content.Size > caller.App.MaxMessageBytes)
        {
            return ApiError.MessageTooLarge;
        }

        if (await texts.CheckAsync(caller.App, request.Send.Content.MsgBody, cancellation) is { } dirty)
        {
            return dirty;
        }

        var from = request.From ?? caller.Account;
        var send = request.Send with { MsgSeq = request.Send.MsgSeq ?? MessageKey.RandomMsgSeq() };
        var msgTime = time.GetUtcNow().ToUnixTimeSeconds();
        var results = new ConcurrentDictionary<string, Result<MessageKey>>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(request.To, parallel, async (to, token) =>
            results[to] = await SendAsync(caller, send.ToMessage(caller, from, to, msgTime), token));

        var errors = request.To.Where(to => results[to].Error is not null).Select(to => new SendFailure(to, ItemCode(results[to].Error!))).ToList();
        if (errors.Count < request.To.Count)
        {
            return new SendMessagesResponse
            {
                ActionStatus = errors.Count == 0 ? "OK" : "SomeError",
                MsgKey = request.To.Where(to => results[to].Error is null).Select(to => results[to].Value).MinBy(key => key.MsgTime).ToString(),
                ErrorList = errors.Count == 0 ? null : errors,
            };
        }

        return results.Values.Any(result => result.Error == ApiError.UnknownSender) ? ApiError.FromAccountInvalid : results[request.To[0]].Error!;
    }

    private async Task<Result<MessageKey>> SendAsync(Caller caller, OutgoingMessage message, CancellationToken cancellation)
    {
        try
        {
            return FieldReader.IsAccount(message.To) ? await sender.SendAsync(caller.App, message, cancellation) : ApiError.ReceiverNotImported;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            SendFailed(logger, e);
            return ApiError.MessageInternal;
        }
    }

    private static int ItemCode(ApiError error) => error == ApiError.ReceiverNotImported ? ApiError.AccountNotFound.Code : error.Code;

    [LoggerMessage(EventId = 3001, Level = LogLevel.Error, Message = "A message of a batch could not be stored")]
    private static partial void SendFailed(ILogger logger, Exception exception);
}

public sealed record SendMessagesRequest(string? From, IReadOnlyList<string> To, SendOptions Send) : IRequest<SendMessagesRequest>
{
    private const int MaxReceivers = 500;

    public static SendMessagesRequest Read(FieldReader fields)
    {
        var from = fields.OptionalAccount("From_Account", ApiError.FromAccountInvalid);
        var to = fields.Array("To_Account", ApiError.ReceiverInvalid);
        if (to.Count > MaxReceivers)
        {
            fields.Fail(ApiError.TooManyReceivers);
        }
        else if (to.Any(account => account.ValueKind != JsonValueKind.String))
        {
            fields.Fail(ApiError.ReceiverInvalid.In("To_Account"));
        }

        var send = SendOptions.Read(fields);
        return new SendMessagesRequest(from, fields.Error is null ? [.. to.Select(account => account.GetString()!).Distinct()] : [], send);
    }
}

public sealed record SendMessagesResponse : Envelope
{
    public required string MsgKey { get; init; }

    public IReadOnlyList<SendFailure>? ErrorList { get; init; }
}

public sealed record SendFailure([property: JsonPropertyName("To_Account")] string ToAccount, int ErrorCode);
