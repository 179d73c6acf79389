using System.Text.Json.Serialization;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>
/// Says which of up to 100 accounts exist.
/// <code>
/// POST /v4/im_open_login_svc/account_check
/// { "CheckItem": [ { "UserID": "mia.k" }, { "UserID": "nobody" } ] }
/// → { …, "ResultItem": [ { "UserID": "mia.k", "ResultCode": 0, "ResultInfo": "", "AccountStatus": "Imported" },
///                        { "UserID": "nobody", "ResultCode": 0, "ResultInfo": "", "AccountStatus": "NotImported" } ] }
/// </code>
/// </summary>
/// <remarks>
/// An unknown account is not an error. Results are in the order of the request.
/// Errors: 70402 no list, an empty one, more than 100, or an entry without a name.
/// Source: API reference, account §4.
/// </remarks>
public sealed class CheckAccounts(AccountTable accounts) : ICommand<CheckAccountsRequest, CheckAccountsResponse>
{
    public async Task<Result<CheckAccountsResponse>> HandleAsync(Caller caller, CheckAccountsRequest request, CancellationToken cancellation)
    {
        var exist = await Task.WhenAll(request.Accounts.Select(async account =>
            FieldReader.IsAccount(account) && await accounts.ExistsAsync(new AccountKey(caller.App.SdkAppId, account), cancellation)));
        return new CheckAccountsResponse
        {
            ResultItem = [.. request.Accounts.Zip(exist, (account, exists) => new CheckedAccount(account, exists ? "Imported" : "NotImported"))],
        };
    }
}

public sealed record CheckAccountsRequest(IReadOnlyList<string> Accounts) : IRequest<CheckAccountsRequest>
{
    public static CheckAccountsRequest Read(FieldReader fields) => new(AccountItems.Read(fields, "CheckItem"));
}

public sealed record CheckAccountsResponse : Envelope
{
    public required IReadOnlyList<CheckedAccount> ResultItem { get; init; }
}

public sealed record CheckedAccount([property: JsonPropertyName("UserID")] string UserId, string AccountStatus)
{
    public int ResultCode { get; init; }

    public string ResultInfo { get; init; } = "";
}
