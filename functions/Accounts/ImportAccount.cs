using System.Text;
using Parley.Rest;

namespace Parley.Accounts;

/// <summary>
/// Creates the account of an app's user; an existing one gets what is new of its nickname and portrait.
/// <code>
/// POST /v4/im_open_login_svc/account_import
/// { "UserID": "mia.k", "Nick": "Mia", "FaceUrl": "https://img.example.org/mia.png" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Errors: 70402 missing or invalid parameter, 70398 the app has all the accounts that it may have, 40601 a profile value over 500 bytes.
/// Source: API reference, account §1. Identifier is the older name of UserID; both are taken. Empty texts do not clear a profile (our choice).
/// </remarks>
public sealed class ImportAccount(AccountDirectory accounts) : ICommand<ImportAccountRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, ImportAccountRequest request, CancellationToken cancellation)
    {
        var imported = await accounts.TryImportAsync(caller.App, request.Account, request.Nick, request.FaceUrl, cancellation);
        return imported.Error is { } error ? error : Envelope.Ok;
    }
}

public sealed record ImportAccountRequest(string Account, string? Nick, string? FaceUrl) : IRequest<ImportAccountRequest>
{
    private const int MaxProfileBytes = 500;

    public static ImportAccountRequest Read(FieldReader fields)
    {
        var name = fields.Has("UserID") ? "UserID" : "Identifier";
        var request = new ImportAccountRequest(
            fields.Account(name, ApiError.AccountParameter),
            fields.OptionalText("Nick", ApiError.AccountParameter),
            fields.OptionalText("FaceUrl", ApiError.AccountParameter));
        if (!FitsProfile(request.Nick) || !FitsProfile(request.FaceUrl))
        {
            fields.Fail(ApiError.ProfileValueTooLong);
        }

        return request;
    }

    /// <summary>Whether a text can be the value of a profile field.</summary>
    public static bool FitsProfile(string? value) => value is null || Encoding.UTF8.GetByteCount(value) <= MaxProfileBytes;
}
