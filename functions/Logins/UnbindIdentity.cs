using Parley.Rest;
using Parley.Storage;

namespace Parley.Logins;

/// <summary>
/// Ends that an identity logs in as an account; its next login makes another account.
/// <code>
/// POST /v4/im_open_login_svc/unbind_identity
/// { "UserID": "mia.k", "Provider": "corp", "Subject": "248289761001" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// UserSigs that were given before stay valid: kick ends them. Safe to repeat; an identity that is not bound to the account is not an error,
/// nor is a provider that the app no longer has. Errors: 70402 missing or invalid parameter. A command of our own.
/// </remarks>
public sealed class UnbindIdentity(LoginTable logins) : ICommand<IdentityRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, IdentityRequest request, CancellationToken cancellation)
    {
        var identity = new LoginIdentity(caller.App.SdkAppId, request.Provider, request.Subject);
        await logins.UnbindAsync(identity, new AccountKey(caller.App.SdkAppId, request.Account), cancellation);
        return Envelope.Ok;
    }
}
