using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>What became of one account of a request.</summary>
public sealed record RelationResult([property: JsonPropertyName("To_Account")] string ToAccount, int ResultCode, string ResultInfo)
{
    public static RelationResult Of(string account, ApiError? error) => new(account, error?.Code ?? 0, error?.Info ?? "");
}

/// <summary>
/// What became of each account of a request. The call itself is OK, whatever became of them.
/// <code>
/// { "ResultItem": [ { "To_Account": "jonas", "ResultCode": 0, "ResultInfo": "" }, { "To_Account": "mia.k", "ResultCode": 30539, "ResultInfo": "…" } ],
///   "Fail_Account": ["mia.k"], "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": "" }
/// </code>
/// </summary>
public sealed record RelationResultsResponse : DisplayEnvelope
{
    public required IReadOnlyList<RelationResult> ResultItem { get; init; }

    /// <summary>Those with a code; absent when there are none.</summary>
    [JsonPropertyName("Fail_Account")]
    public IReadOnlyList<string>? FailAccount { get; init; }

    public static RelationResultsResponse Of(IReadOnlyList<RelationResult> results) => new()
    {
        ResultItem = results,
        FailAccount = Failed(results.Where(result => result.ResultCode != 0).Select(result => result.ToAccount)),
    };

    /// <summary>A list of accounts that failed; null when there are none.</summary>
    public static IReadOnlyList<string>? Failed(IEnumerable<string> accounts) => accounts.ToList() is { Count: > 0 } failed ? failed : null;
}

/// <summary>Does the same with many accounts, some at once.</summary>
public sealed partial class RelationBatch(ILogger<RelationBatch> logger)
{
    private const int AtOnce = 16;

    /// <summary>An account that is named twice is treated once; both items have its result.</summary>
    /// <param name="run">Answers why it was not done, or null.</param>
    public async Task<IReadOnlyList<RelationResult>> RunAsync<T>(IReadOnlyList<T> items, Func<T, string> accountOf, Func<T, Task<ApiError?>> run, CancellationToken cancellation)
    {
        var results = new ConcurrentDictionary<string, ApiError?>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(items.DistinctBy(accountOf), parallel, async (item, _) => results[accountOf(item)] = await RunAsync(run, item));
        return [.. items.Select(item => RelationResult.Of(accountOf(item), results[accountOf(item)]))];
    }

    private async Task<ApiError?> RunAsync<T>(Func<T, Task<ApiError?>> run, T item)
    {
        try
        {
            return await run(item);
        }
        catch (Exception e)
        {
            ItemFailed(logger, e);
            return ApiError.RelationInternal;
        }
    }

    [LoggerMessage(EventId = 8401, Level = LogLevel.Error, Message = "A relation could not be changed; it may have been, and is finished when it is next looked at")]
    private static partial void ItemFailed(ILogger logger, Exception exception);
}
