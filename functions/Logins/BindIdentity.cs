using Parley.Rest;
using Parley.Storage;

namespace Parley.Logins;

/// <summary>
/// Lets someone whom a login provider knows log in as an account that exists.
/// <code>
/// POST /v4/im_open_login_svc/bind_identity
/// { "UserID": "mia.k", "Provider": "corp", "Subject": "248289761001" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// An account may have any number of identities, an identity only one account. Safe to repeat.
/// Errors: 70402 missing or invalid parameter, a provider that the app does not have; 70107 unknown account; 70421 the identity belongs to
/// another account. A command of our own.
/// </remarks>
public sealed class BindIdentity(LoginTable logins, IdentityMarks marks) : ICommand<IdentityRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, IdentityRequest request, CancellationToken cancellation)
    {
        if (caller.App.LoginProviders.All(provider => provider.Name != request.Provider))
        {
            return ApiError.AccountParameter.In("Provider");
        }

        var account = new AccountKey(caller.App.SdkAppId, request.Account);
        var identity = new LoginIdentity(caller.App.SdkAppId, request.Provider, request.Subject);
        if (!await marks.AddAsync(account, identity, cancellation))
        {
            return ApiError.AccountNotFound;
        }

        if (await logins.BindAsync(identity, account, cancellation) == account)
        {
            return Envelope.Ok;
        }

        await marks.RemoveAsync(account, identity, cancellation);
        return ApiError.IdentityTaken;
    }
}
