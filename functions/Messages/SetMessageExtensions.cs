using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Sets, deletes or clears the key-value pairs that hang on a message sent with SupportMessageExtension 1.
/// <code>
/// POST /v4/openim_msg_ext_http_svc/set_key_values
/// { "From_Account": "mia.k", "To_Account": "jonas", "MsgKey": "501_77120934_1700000321", "OperateType": 1,
///   "ExtensionList": [ { "Key": "vote", "Value": "yes", "Seq": 0 } ] }
/// → { "ActionStatus": "OK", …, "ExtensionList": [ { "ErrorCode": 0, "Extension": { "Key": "vote", "Value": "yes", "Seq": 1 } } ] }
/// </code>
/// </summary>
/// <remarks>
/// OperateType: 1 set, 2 delete, 3 clear all. At most 20 pairs a call, 300 a message; Key up to 100 bytes, Value up to 1,000. An account, which must be one of the two, gives each
/// pair's version as Seq (0: new), administrators need not; the pair that has another version stays and has ErrorCode 23001. Both sides' devices hear a C2CExtension.
/// Errors: 10004 parameter, 23002 the message takes none, 23003 over 200 changes a minute, 23004 no such message, 60010 another's message. Source: API reference, openim §11.
/// </remarks>
public sealed class SetMessageExtensions(MessageExtensions extensions, EventDelivery events) : ICommand<SetExtensionsRequest, SetExtensionsResponse>
{
    public async Task<Result<SetExtensionsResponse>> HandleAsync(Caller caller, SetExtensionsRequest request, CancellationToken cancellation)
    {
        var from = new AccountKey(caller.App.SdkAppId, request.From ?? caller.Account);
        var to = new AccountKey(caller.App.SdkAppId, request.To);
        if (!caller.MayActAs(from.Account) && !caller.MayActAs(to.Account))
        {
            return ApiError.AdminRequired.In("From_Account");
        }

        var changed = await extensions.ChangeAsync(from, to, request.Key, request.Operation, request.Items, checksSeq: !caller.IsAdmin);
        if (!changed.TryGet(out var outcome, out var error))
        {
            return error;
        }

        await events.SendAsync(to, outcome.Event);
        if (outcome.Latest is { } latest && from != to)
        {
            await events.SendAsync(from, await extensions.NoteAsync(from, to, request.Key, latest));
        }

        return new SetExtensionsResponse { ExtensionList = outcome.Items };
    }
}

public sealed record SetExtensionsRequest(string? From, string To, MessageKey Key, ExtensionOperation Operation, IReadOnlyList<ExtensionItem> Items)
    : IRequest<SetExtensionsRequest>
{
    public static SetExtensionsRequest Read(FieldReader fields)
    {
        var (from, to, key) = ReadMessage(fields);
        var (operation, items) = ExtensionItems.Read(fields);
        return new SetExtensionsRequest(from, to, key, operation, items);
    }

    /// <summary>Reads which message is meant.</summary>
    public static (string? From, string To, MessageKey Key) ReadMessage(FieldReader fields)
    {
        var from = fields.OptionalAccount("From_Account", ApiError.ExtensionParameter);
        var to = fields.Account("To_Account", ApiError.ExtensionParameter);
        var key = MessageKey.Parse(fields.Text("MsgKey", ApiError.ExtensionParameter));
        if (key is null)
        {
            fields.Fail(ApiError.ExtensionParameter.In("MsgKey"));
        }

        return (from, to, key ?? default);
    }
}

public sealed record SetExtensionsResponse : Envelope
{
    public required IReadOnlyList<ExtensionItemResult> ExtensionList { get; init; }
}
