using System.Text.RegularExpressions;
using Parley.Rest;

namespace Parley.Accounts;

/// <summary>
/// Creates an account as the reference's retired hosted mode did, for old SDKs. The password is checked for its length and then forgotten:
/// accounts log in with UserSigs.
/// <code>
/// POST /v4/registration_service/register_account_v1
/// { "Identifier": "miak2018", "IdentifierType": 3, "Password": "s3cretPass" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Units: IdentifierType 1 mobile number (49-1701234567), 2 e-mail, 3 text; lengths in characters.
/// Errors: 70402 missing or invalid parameter, 70398 all accounts of the app are taken, 70421 registered already.
/// Source: API reference, account §7. What a number and an e-mail look like is our choice.
/// </remarks>
public sealed class RegisterAccount(AccountDirectory accounts) : ICommand<RegisterAccountRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, RegisterAccountRequest request, CancellationToken cancellation)
    {
        var imported = await accounts.TryImportAsync(caller.App, request.Account, null, null, cancellation);
        return !imported.TryGet(out var isNew, out var error) ? error : isNew ? Envelope.Ok : ApiError.AlreadyRegistered;
    }
}

public sealed partial record RegisterAccountRequest(string Account) : IRequest<RegisterAccountRequest>
{
    public static RegisterAccountRequest Read(FieldReader fields)
    {
        var account = fields.Account("Identifier", ApiError.AccountParameter);
        var type = fields.Integer("IdentifierType", ApiError.AccountParameter);
        var password = fields.Text("Password", ApiError.AccountParameter);
        if (account.Length is < 4 or > 24 || !Fits(account, type))
        {
            fields.Fail(ApiError.AccountParameter.In(type is 1 or 2 or 3 ? "Identifier" : "IdentifierType"));
        }

        if (password.Length is < 8 or > 16)
        {
            fields.Fail(ApiError.AccountParameter.In("Password"));
        }

        return new RegisterAccountRequest(account);
    }

    private static bool Fits(string account, long type) => type switch
    {
        1 => Mobile().IsMatch(account),
        2 => Mail().IsMatch(account),
        3 => true,
        _ => false,
    };

    [GeneratedRegex("^[0-9]{1,4}-[0-9]{3,}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mobile();

    [GeneratedRegex("^[^@ ]+@[^@ ]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mail();
}
