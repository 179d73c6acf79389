using Parley.Apps;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Statistics;

/// <summary>
/// Shows the figures of an app's last 30 days, today first.
/// <code>
/// POST /v4/openconfigsvr/getappinfo
/// { "RequestField": ["ChainIncrease", "MaxOnlineNum"] }
/// → { "ActionStatus": "OK", "ErrorInfo": "OK", "ErrorCode": 0,
///     "Result": [ { "ChainIncrease": "4", "MaxOnlineNum": "31", "Date": "20231114" }, … ] }
/// </code>
/// </summary>
/// <remarks>
/// Units: every value is a text; days are those of UTC+8. Date is always there; without RequestField, or with an empty one, all fields are.
/// What this instance has counted is in the answer; what others have, 15 seconds later. What each figure counts: docs/operations.md.
/// Errors: 70402 RequestField is no list of texts, 130001 bad JSON, 130011 storage failed, 130012 a stored row cannot be read.
/// Source: API reference, openim §14. That today is among the days and that unknown fields are ignored is our choice.
/// </remarks>
public sealed class GetAppInfo(StatisticsWriter writer, StatisticsTable table, TimeProvider time) : ICommand<GetAppInfoRequest, AppInfoResponse>
{
    private const int Days = 30;

    public async Task<Result<AppInfoResponse>> HandleAsync(Caller caller, GetAppInfoRequest request, CancellationToken cancellation)
    {
        try
        {
            await writer.WriteAsync(caller.App.SdkAppId, cancellation);
            var statistics = await table.ReadAsync(caller.App.SdkAppId, cancellation);
            var today = StatisticsDay.Of(time.GetUtcNow());
            return new AppInfoResponse
            {
                ErrorInfo = "OK",
                Result = [.. Enumerable.Range(0, Days).Select(ago => Describe(caller.App, statistics, today.AddDays(-ago), today, request.Fields))],
            };
        }
        catch (FormatException)
        {
            return ApiError.StatisticsUnreadable;
        }
        catch (Exception e) when (StorageFailures.IsOfStorage(e) && !cancellation.IsCancellationRequested)
        {
            return ApiError.StatisticsQuery;
        }
    }

    private static Dictionary<string, string> Describe(App app, AppStatistics statistics, DateOnly day, DateOnly today, IReadOnlyList<string> asked) =>
        AppInfoField.All.Where(field => asked.Count == 0 || field.IsAlwaysThere || asked.Contains(field.Name))
            .ToDictionary(field => field.Name, field => field.Describe(new DescribedDay(app, statistics, day, today)));
}

public sealed record GetAppInfoRequest(IReadOnlyList<string> Fields) : IRequest<GetAppInfoRequest>
{
    public static GetAppInfoRequest Read(FieldReader fields) => new(fields.OptionalTexts("RequestField", ApiError.StatisticsFields));
}

public sealed record AppInfoResponse : Envelope
{
    public required IReadOnlyList<Dictionary<string, string>> Result { get; init; }
}
