using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>
/// Deletes up to 100 accounts with their messages, conversations, connections and everything else that is their own, for good.
/// <code>
/// POST /v4/im_open_login_svc/account_delete
/// { "DeleteItem": [ { "UserID": "jonas" }, { "UserID": "nobody" } ] }
/// → { …, "ResultItem": [ { "ResultCode": 0, "ResultInfo": "", "UserID": "jonas" },
///                        { "ResultCode": 70107, "ResultInfo": "The account does not exist.", "UserID": "nobody" } ] }
/// </code>
/// </summary>
/// <remarks>
/// Results are in the order of the request. UserSigs made before are refused from then on (70052); a later import starts afresh.
/// Errors: 70402 no list, an empty one, more than 100, an entry without a name; 71000 the app does not allow it; in an item 70107 unknown
/// account, 70402 an administrator, 70500 storage or the SignalR service failed, and the call should be repeated.
/// Source: API reference, account §3. That administrators stay is our choice.
/// </remarks>
public sealed partial class DeleteAccounts(AccountDirectory accounts, ILogger<DeleteAccounts> logger) : ICommand<DeleteAccountsRequest, DeleteAccountsResponse>
{
    private const int AtOnce = 4;

    public async Task<Result<DeleteAccountsResponse>> HandleAsync(Caller caller, DeleteAccountsRequest request, CancellationToken cancellation)
    {
        if (!caller.App.AllowsAccountDeletion)
        {
            return ApiError.DeletionNotAllowed;
        }

        var errors = new ConcurrentDictionary<string, ApiError?>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(
            request.Accounts.Distinct(), parallel, async (account, token) => errors[account] = await DeleteAsync(caller, account, token));
        return new DeleteAccountsResponse
        {
            ResultItem = [.. request.Accounts.Select(account => new DeletedAccount(account, errors[account]?.Code ?? 0, errors[account]?.Info ?? ""))],
        };
    }

    private async Task<ApiError?> DeleteAsync(Caller caller, string account, CancellationToken cancellation)
    {
        if (caller.App.IsAdmin(account))
        {
            return ApiError.AccountParameter.In("An administrator cannot be deleted");
        }

        try
        {
            var deleted = FieldReader.IsAccount(account) && await accounts.DeleteAsync(new AccountKey(caller.App.SdkAppId, account), cancellation);
            return deleted ? null : ApiError.AccountNotFound;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            DeletionFailed(logger, e);
            return ApiError.AccountInternal;
        }
    }

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "An account could not be deleted as a whole; the next call or the sweep goes on")]
    private static partial void DeletionFailed(ILogger logger, Exception exception);
}

public sealed record DeleteAccountsRequest(IReadOnlyList<string> Accounts) : IRequest<DeleteAccountsRequest>
{
    public static DeleteAccountsRequest Read(FieldReader fields) => new(AccountItems.Read(fields, "DeleteItem"));
}

public sealed record DeleteAccountsResponse : Envelope
{
    public required IReadOnlyList<DeletedAccount> ResultItem { get; init; }
}

public sealed record DeletedAccount([property: JsonPropertyName("UserID")] string UserId, int ResultCode, string ResultInfo);
