using Parley.Rest;

namespace Parley.Callbacks;

/// <summary>
/// Shows the callbacks that were given up, those of the newest events first.
/// <code>
/// POST /v4/openconfigsvr/get_dead_callbacks
/// { "CallbackCommand": "C2C.CallbackAfterSendMsg", "Limit": 20, "Next": "" }
/// → { "ActionStatus": "OK", …, "DeadCallbacks": [ { "Id": "3f0c…", "CallbackCommand": "C2C.CallbackAfterSendMsg", "Time": 1700000321, "DiedAt": 1700000900, "Attempts": 10,
///     "Reason": "status 500", "Body": { … } } ], "Next": "251…|3f0c…" }
/// </code>
/// </summary>
/// <remarks>
/// Units: Time of the event and DiedAt are Unix seconds. Next is empty on the last page; a page has at most Limit (20 if absent), and fewer where bodies are large. CallbackCommand may be absent: then all.
/// Body lacks UnreadMsgNum, which is filled in when a callback is sent, and is absent where it was too large to be kept.
/// Errors: 130001 bad JSON, 70402 an unknown callback or a Limit that is none. A command of our own.
/// </remarks>
public sealed class GetDeadCallbacks(DeadCallbacks dead) : ICommand<GetDeadCallbacksRequest, DeadCallbacksResponse>
{
    public async Task<Result<DeadCallbacksResponse>> HandleAsync(Caller caller, GetDeadCallbacksRequest request, CancellationToken cancellation)
    {
        var (found, next) = await dead.ReadAsync(caller.App.SdkAppId, request.Command, request.Next, request.Limit, cancellation);
        return new DeadCallbacksResponse { DeadCallbacks = [.. found.Select(ShownCallback.Of)], Next = next };
    }
}

/// <param name="Command">Null for all.</param>
public sealed record GetDeadCallbacksRequest(CallbackCommand? Command, int Limit, string Next) : IRequest<GetDeadCallbacksRequest>
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    public static GetDeadCallbacksRequest Read(FieldReader fields)
    {
        var limit = fields.OptionalInteger("Limit", ApiError.DeadCallbacksPage) ?? DefaultLimit;
        if (limit is < 1 or > MaxLimit)
        {
            fields.Fail(ApiError.DeadCallbacksPage.In("Limit"));
        }

        return new GetDeadCallbacksRequest(ReadCommand(fields), (int)Math.Clamp(limit, 1, MaxLimit), fields.OptionalText("Next", ApiError.DeadCallbacksPage) ?? "");
    }

    internal static CallbackCommand? ReadCommand(FieldReader fields)
    {
        var name = fields.OptionalText("CallbackCommand", ApiError.CallbackCommandUnknown);
        var command = name is null ? null : CallbackCommands.Find(name);
        if (name is not null && command is null)
        {
            fields.Fail(ApiError.CallbackCommandUnknown.In("CallbackCommand"));
        }

        return command;
    }
}

public sealed record DeadCallbacksResponse : Envelope
{
    public required IReadOnlyList<ShownCallback> DeadCallbacks { get; init; }

    public required string Next { get; init; }
}

/// <summary>A dead callback as administrators see it.</summary>
public sealed record ShownCallback(string Id, string CallbackCommand, long Time, long DiedAt, int Attempts, string Reason, RawJson? Body)
{
    public static ShownCallback Of(DeadCallback dead) => new(
        dead.Callback.Id, dead.Callback.Command, dead.Callback.At.ToUnixTimeSeconds(), dead.DiedAt.ToUnixTimeSeconds(), dead.Attempts, dead.Reason,
        dead.Callback.Body is { } body ? new RawJson(System.Text.Encoding.UTF8.GetString(body)) : null);
}
