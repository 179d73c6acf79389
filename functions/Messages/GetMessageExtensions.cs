using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Reads the key-value pairs that hang on a message.
/// <code>
/// POST /v4/openim_msg_ext_http_svc/get_key_values
/// { "From_Account": "mia.k", "To_Account": "jonas", "MsgKey": "501_77120934_1700000321", "StartSeq": 1 }
/// → { "ActionStatus": "OK", …, "CompleteFlag": 1, "LatestSeq": 1, "ClearSeq": 0, "ExtensionList": [ { "Key": "vote", "Value": "yes", "Seq": 1 } ] }
/// </code>
/// </summary>
/// <remarks>
/// By Seq, at most 200 a call; with CompleteFlag 0 go on with the last Seq + 1. From StartSeq 1 on, pairs that were deleted are listed with an empty Value (our choice);
/// whoever keeps pairs drops those up to ClearSeq.
/// Errors: 10004 parameter, 23002 the message takes none, 23004 no such message, 60010 another's message. Source: API reference, openim §11.
/// </remarks>
public sealed class GetMessageExtensions(MessageExtensions extensions) : ICommand<GetExtensionsRequest, GetExtensionsResponse>
{
    public async Task<Result<GetExtensionsResponse>> HandleAsync(Caller caller, GetExtensionsRequest request, CancellationToken cancellation)
    {
        var from = new AccountKey(caller.App.SdkAppId, request.From ?? caller.Account);
        var to = new AccountKey(caller.App.SdkAppId, request.To);
        if (!caller.MayActAs(from.Account) && !caller.MayActAs(to.Account))
        {
            return ApiError.AdminRequired.In("From_Account");
        }

        var read = await extensions.ReadAsync(from, to, request.Key, request.StartSeq, cancellation);
        return read.TryGet(out var state, out var error)
            ? GetExtensionsResponse.Of(state)
            : error;
    }
}

public sealed record GetExtensionsRequest(string? From, string To, MessageKey Key, long StartSeq) : IRequest<GetExtensionsRequest>
{
    public static GetExtensionsRequest Read(FieldReader fields)
    {
        var (from, to, key) = SetExtensionsRequest.ReadMessage(fields);
        return new GetExtensionsRequest(from, to, key, fields.OptionalInteger("StartSeq", ApiError.ExtensionParameter) ?? 0);
    }
}

public sealed record GetExtensionsResponse : Envelope
{
    private const int MostPairs = 200;

    public required int CompleteFlag { get; init; }

    public required long LatestSeq { get; init; }

    public required long ClearSeq { get; init; }

    public required IReadOnlyList<MessageExtension> ExtensionList { get; init; }

    public static GetExtensionsResponse Of(ExtensionState state) => new()
    {
        CompleteFlag = state.Extensions.Count <= MostPairs ? 1 : 0,
        LatestSeq = state.Latest,
        ClearSeq = state.ClearSeq,
        ExtensionList = [.. state.Extensions.Take(MostPairs)],
    };
}
