using System.Collections.Concurrent;
using System.Text.Json;
using Parley.Rest;

namespace Parley.Accounts;

/// <summary>
/// Creates up to 100 accounts.
/// <code>
/// POST /v4/im_open_login_svc/multiaccount_import
/// { "Accounts": ["mia.k", "jonas"] }                                   or
/// { "AccountList": [ { "UserID": "mia.k", "Nick": "Mia" } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "FailAccounts": [] }
/// </code>
/// </summary>
/// <remarks>
/// An account that cannot be created, also because the app may have no more, is named in FailAccounts and hinders no other.
/// Errors: 70402 no list, an empty one, more than 100, or an entry without a name.
/// Source: API reference, account §2.
/// </remarks>
public sealed partial class ImportAccounts(AccountDirectory accounts, ILogger<ImportAccounts> logger) : ICommand<ImportAccountsRequest, ImportAccountsResponse>
{
    private const int AtOnce = 16;

    public async Task<Result<ImportAccountsResponse>> HandleAsync(Caller caller, ImportAccountsRequest request, CancellationToken cancellation)
    {
        var failed = new ConcurrentDictionary<string, bool>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(request.Accounts, parallel, async (account, token) =>
        {
            if (!await TryImportAsync(caller, account, token))
            {
                failed[account.UserId] = true;
            }
        });
        return new ImportAccountsResponse { FailAccounts = [.. request.Accounts.Select(account => account.UserId).Where(failed.ContainsKey).Distinct()] };
    }

    private async Task<bool> TryImportAsync(Caller caller, ImportedAccount account, CancellationToken cancellation)
    {
        if (!FieldReader.IsAccount(account.UserId) || !ImportAccountRequest.FitsProfile(account.Nick) || !ImportAccountRequest.FitsProfile(account.FaceUrl))
        {
            return false;
        }

        try
        {
            return (await accounts.TryImportAsync(caller.App, account.UserId, account.Nick, account.FaceUrl, cancellation)).Error is null;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            ImportFailed(logger, e);
            return false;
        }
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Error, Message = "An account of a batch could not be stored")]
    private static partial void ImportFailed(ILogger logger, Exception exception);
}

public sealed record ImportedAccount(string UserId, string? Nick, string? FaceUrl);

public sealed record ImportAccountsRequest(IReadOnlyList<ImportedAccount> Accounts) : IRequest<ImportAccountsRequest>
{
    private const int MaxAccounts = 100;

    public static ImportAccountsRequest Read(FieldReader fields)
    {
        var name = fields.Has("AccountList") ? "AccountList" : "Accounts";
        var entries = fields.Array(name, ApiError.AccountParameter);
        if (entries.Count > MaxAccounts)
        {
            fields.Fail(ApiError.AccountParameter.In(name));
            return new ImportAccountsRequest([]);
        }

        return new ImportAccountsRequest([.. entries.Select(entry => ReadEntry(fields, name, entry))]);
    }

    private static ImportedAccount ReadEntry(FieldReader fields, string name, JsonElement entry)
    {
        if (entry.ValueKind == JsonValueKind.String && name == "Accounts")
        {
            return new ImportedAccount(entry.GetString()!, null, null);
        }

        if (entry.ValueKind != JsonValueKind.Object || name == "Accounts")
        {
            fields.Fail(ApiError.AccountParameter.In(name));
            return new ImportedAccount("", null, null);
        }

        var own = new FieldReader(entry);
        var account = new ImportedAccount(
            own.Text("UserID", ApiError.AccountParameter),
            own.OptionalText("Nick", ApiError.AccountParameter),
            own.OptionalText("FaceUrl", ApiError.AccountParameter));
        if (own.Error is { } wrong)
        {
            fields.Fail(wrong);
        }

        return account;
    }
}

public sealed record ImportAccountsResponse : Envelope
{
    public required IReadOnlyList<string> FailAccounts { get; init; }
}
