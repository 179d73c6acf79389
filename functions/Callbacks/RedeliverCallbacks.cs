using System.Text.Json;
using Parley.Rest;

namespace Parley.Callbacks;

/// <summary>
/// Has callbacks sent again that were given up: under their old ids, with as many attempts as a new one, behind what waits in their account's or group's stream.
/// <code>
/// POST /v4/openconfigsvr/redeliver_callbacks
/// { "Ids": [ "3f0c…" ] }   or   { "CallbackCommand": "C2C.CallbackAfterSendMsg" }
/// → { "ActionStatus": "OK", …, "Count": 500, "Complete": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Count is how many are on their way again; ids that are not among the dead count for nothing. A call takes at most 500, those of the oldest events last; Complete 0: call again.
/// Errors: 130001 bad JSON, 70402 neither or both of the fields, more than 100 ids, an unknown callback. A command of our own.
/// </remarks>
public sealed class RedeliverCallbacks(DeadCallbacks dead) : ICommand<RedeliverCallbacksRequest, RedeliverCallbacksResponse>
{
    private const int MostAtOnce = 500;

    public async Task<Result<RedeliverCallbacksResponse>> HandleAsync(Caller caller, RedeliverCallbacksRequest request, CancellationToken cancellation)
    {
        var app = caller.App.SdkAppId;
        var found = request.Command is { } command
            ? (await dead.ReadAsync(app, command, "", MostAtOnce + 1, cancellation)).Found
            : await dead.FindAsync(app, request.Ids, cancellation);
        var count = 0;
        foreach (var callback in found.Take(MostAtOnce).Where(callback => callback.Callback.Body is not null).Reverse())
        {
            await dead.RedeliverAsync(callback, cancellation);
            count++;
        }

        return new RedeliverCallbacksResponse { Count = count, Complete = found.Count > MostAtOnce ? 0 : 1 };
    }
}

/// <param name="Command">Null where ids are given.</param>
public sealed record RedeliverCallbacksRequest(CallbackCommand? Command, IReadOnlyList<string> Ids) : IRequest<RedeliverCallbacksRequest>
{
    private const int MostIds = 100;

    public static RedeliverCallbacksRequest Read(FieldReader fields)
    {
        var command = GetDeadCallbacksRequest.ReadCommand(fields);
        var ids = fields.Has("Ids") ? fields.Array("Ids", ApiError.DeadCallbacksNamed) : [];
        if (fields.Has("CallbackCommand") == fields.Has("Ids") || ids.Count > MostIds || ids.Any(id => id.ValueKind != JsonValueKind.String))
        {
            fields.Fail(ApiError.DeadCallbacksNamed);
            return new RedeliverCallbacksRequest(null, []);
        }

        return new RedeliverCallbacksRequest(command, [.. ids.Select(id => id.GetString()!).Distinct()]);
    }
}

public sealed record RedeliverCallbacksResponse : Envelope
{
    public required int Count { get; init; }

    public required int Complete { get; init; }
}
