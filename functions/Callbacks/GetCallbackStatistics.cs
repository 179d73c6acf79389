using Parley.Rest;
using Parley.Statistics;

namespace Parley.Callbacks;

/// <summary>
/// Shows how an app's callbacks went, by day and command, today first.
/// <code>
/// POST /v4/openconfigsvr/get_callback_statistics
/// { "Days": 2 }
/// → { "ActionStatus": "OK", …, "Callbacks": [ { "Date": "20231114", "CallbackCommand": "C2C.CallbackAfterSendMsg", "Sent": 120, "Answered": 117, "Refused": 0,
///     "TimedOut": 2, "Unreachable": 0, "Forbidden": 0, "BadStatus": 1, "BadBody": 0, "TooLarge": 0, "CircuitOpen": 0, "GivenUp": 0, "Latency50": 20, "Latency99": 500 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Units: days are those of UTC+8, as in getappinfo; one if Days is absent, 30 at most. Latency50 and Latency99 are milliseconds that half, or all but a hundredth, of the requests did not
/// exceed, rounded up to 5, 10, 20, 50, … 5000; absent where there were none or they took longer. Sent counts each attempt. What this instance has counted is in the answer, what others have 15 seconds later.
/// Errors: 70402 Days, 130001 bad JSON. A command of our own.
/// </remarks>
public sealed class GetCallbackStatistics(StatisticsWriter writer, StatisticsTable table, TimeProvider time) : ICommand<CallbackStatisticsRequest, CallbackStatisticsResponse>
{
    public async Task<Result<CallbackStatisticsResponse>> HandleAsync(Caller caller, CallbackStatisticsRequest request, CancellationToken cancellation)
    {
        await writer.WriteAsync(caller.App.SdkAppId, cancellation);
        var statistics = await table.ReadAsync(caller.App.SdkAppId, cancellation);
        var today = StatisticsDay.Of(time.GetUtcNow());
        return new CallbackStatisticsResponse
        {
            Callbacks =
            [
                .. Enumerable.Range(0, request.Days).Select(ago => today.AddDays(-ago)).SelectMany(day => statistics.Of(day).Callbacks
                    .OrderBy(callback => callback.Key, StringComparer.Ordinal).Select(callback => CallbackDay.Of(day, callback.Key, callback.Value))),
            ],
        };
    }
}

public sealed record CallbackStatisticsRequest(int Days) : IRequest<CallbackStatisticsRequest>
{
    private const int MaxDays = 30;

    public static CallbackStatisticsRequest Read(FieldReader fields)
    {
        var days = fields.OptionalInteger("Days", ApiError.CallbackDays) ?? 1;
        if (days is < 1 or > MaxDays)
        {
            fields.Fail(ApiError.CallbackDays.In("Days"));
        }

        return new CallbackStatisticsRequest((int)Math.Clamp(days, 1, MaxDays));
    }
}

public sealed record CallbackStatisticsResponse : Envelope
{
    public required IReadOnlyList<CallbackDay> Callbacks { get; init; }
}

/// <summary>A command's day.</summary>
public sealed record CallbackDay(
    string Date, string CallbackCommand, long Sent, long Answered, long Refused, long TimedOut, long Unreachable, long Forbidden, long BadStatus, long BadBody, long TooLarge,
    long CircuitOpen, long GivenUp, int? Latency50, int? Latency99)
{
    public static CallbackDay Of(DateOnly day, string command, CallbackFigures figures) => new(
        StatisticsDay.ToText(day), command, figures[CallbackCount.Sent], figures[CallbackCount.Answered], figures[CallbackCount.Refused], figures[CallbackCount.TimedOut],
        figures[CallbackCount.Unreachable], figures[CallbackCount.Forbidden], figures[CallbackCount.BadStatus], figures[CallbackCount.BadBody], figures[CallbackCount.TooLarge],
        figures[CallbackCount.CircuitOpen], figures[CallbackCount.GivenUp], figures.WithinMilliseconds(0.5), figures.WithinMilliseconds(0.99));
}
