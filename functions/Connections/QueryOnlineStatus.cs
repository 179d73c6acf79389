using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>
/// Says of up to 500 accounts whether they are online; open to accounts too, for their friends. <c>querystate</c> is its older name.
/// <code>
/// POST /v4/openim/query_online_status
/// { "To_Account": ["mia.k", "jonas", "nobody"], "IsNeedDetail": 1 }
/// → { …, "QueryResult": [ { "To_Account": "mia.k", "Status": "Online", "State": "Online", "Detail": [ { "Platform": "Android", "Status": "PushOnline" },
///                                                                                                      { "Platform": "Web", "Status": "Online" } ] },
///                         { "To_Account": "jonas", "Status": "Offline", "State": "Offline" } ],
///     "ErrorList": [ { "To_Account": "nobody", "ErrorCode": 70107 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Both names of the field are answered by both commands. How late an end may be noticed: docs/client-protocol.md, "Presence".
/// An account named twice is answered once (our choice).
/// Errors: 90001 bad JSON or an empty list, 90003 no list, or entries that are not texts, 90011 more than 500, 70107 none of them exists, 91000 storage failed.
/// Source: API reference, account §6.
/// </remarks>
public sealed class QueryOnlineStatus(Presence presence) : ICommand<QueryOnlineStatusRequest, QueryOnlineStatusResponse>
{
    // Enough for 500 accounts within a second, few enough to leave connections for others.
    private const int AtOnce = 32;

    public async Task<Result<QueryOnlineStatusResponse>> HandleAsync(Caller caller, QueryOnlineStatusRequest request, CancellationToken cancellation)
    {
        var found = new ConcurrentDictionary<string, IReadOnlyList<(Platform Platform, OnlineStatus Status)>>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(request.Accounts, parallel, async (account, token) =>
        {
            if (FieldReader.IsAccount(account) && await presence.FindAsync(new AccountKey(caller.App.SdkAppId, account), token) is { } platforms)
            {
                found[account] = platforms;
            }
        });

        var unknown = request.Accounts.Where(account => !found.ContainsKey(account)).ToList();
        var nobody = unknown.Count == request.Accounts.Count;
        return new QueryOnlineStatusResponse
        {
            ActionStatus = nobody ? "FAIL" : "OK",
            ErrorCode = nobody ? ApiError.AccountNotFound.Code : 0,
            ErrorInfo = nobody ? ApiError.AccountNotFound.Info : "",
            QueryResult = [.. request.Accounts.Where(found.ContainsKey).Select(account => ToResult(account, found[account], request.WithDetail))],
            ErrorList = unknown.Count == 0 ? null : [.. unknown.Select(account => new UnknownAccount(account, ApiError.AccountNotFound.Code))],
        };
    }

    private static AccountStatus ToResult(string account, IReadOnlyList<(Platform Platform, OnlineStatus Status)> platforms, bool withDetail)
    {
        // They come best first.
        var status = platforms.Count == 0 ? OnlineStatus.Offline : platforms[0].Status;
        var detail = withDetail && platforms.Count > 0 ? platforms.Select(platform => new PlatformStatus(platform.Platform.Name, platform.Status)).ToList() : null;
        return new AccountStatus(account, status, status, detail);
    }
}

public sealed record QueryOnlineStatusRequest(IReadOnlyList<string> Accounts, bool WithDetail) : IRequest<QueryOnlineStatusRequest>
{
    private const int MaxAccounts = 500;

    public static QueryOnlineStatusRequest Read(FieldReader fields)
    {
        var list = fields.Element("To_Account");
        List<JsonElement> accounts = list is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : [];
        if (list is not { ValueKind: JsonValueKind.Array } || accounts.Any(account => account.ValueKind != JsonValueKind.String))
        {
            fields.Fail(ApiError.ReceiverInvalid.In("To_Account"));
        }
        else if (accounts.Count is 0 or > MaxAccounts)
        {
            fields.Fail(accounts.Count == 0 ? ApiError.NobodyNamed.In("To_Account") : ApiError.TooManyReceivers);
        }

        var withDetail = fields.Flag("IsNeedDetail", ApiError.MessageNumber);
        return new QueryOnlineStatusRequest(fields.Error is null ? [.. accounts.Select(account => account.GetString()!).Distinct()] : [], withDetail);
    }
}

public sealed record QueryOnlineStatusResponse : Envelope
{
    public required IReadOnlyList<AccountStatus> QueryResult { get; init; }

    public IReadOnlyList<UnknownAccount>? ErrorList { get; init; }
}

public sealed record AccountStatus(
    [property: JsonPropertyName("To_Account")] string ToAccount, OnlineStatus Status, OnlineStatus State, IReadOnlyList<PlatformStatus>? Detail);

public sealed record PlatformStatus(string Platform, OnlineStatus Status);

public sealed record UnknownAccount([property: JsonPropertyName("To_Account")] string ToAccount, int ErrorCode);
