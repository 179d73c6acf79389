using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Logins;

/// <summary>
/// Lists the identities that log in as an account.
/// <code>
/// POST /v4/im_open_login_svc/get_identities
/// { "UserID": "mia.k" }
/// → { …, "Identities": [ { "Provider": "corp", "Subject": "248289761001", "BoundAt": 1700000000 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Units: BoundAt is Unix seconds. Errors: 70402 missing or invalid parameter, 70107 unknown account. A command of our own.
/// </remarks>
public sealed class GetIdentities(LoginTable logins, IdentityMarks marks, AccountTable accounts) : ICommand<GetIdentitiesRequest, IdentitiesResponse>
{
    public async Task<Result<IdentitiesResponse>> HandleAsync(Caller caller, GetIdentitiesRequest request, CancellationToken cancellation)
    {
        var account = new AccountKey(caller.App.SdkAppId, request.Account);
        if (!await accounts.ExistsAsync(account, cancellation))
        {
            return ApiError.AccountNotFound;
        }

        var bound = new List<BoundIdentity>();
        foreach (var (identity, boundAt) in await marks.ListAsync(account, cancellation))
        {
            // A mark alone is what a change that broke off has left.
            if ((await logins.FindAsync(identity, cancellation))?.Account == account)
            {
                bound.Add(new BoundIdentity(identity.Provider, identity.Subject, boundAt.ToUnixTimeSeconds()));
            }
        }

        return new IdentitiesResponse { Identities = bound };
    }
}

public sealed record GetIdentitiesRequest(string Account) : IRequest<GetIdentitiesRequest>
{
    public static GetIdentitiesRequest Read(FieldReader fields) => new(fields.Account("UserID", ApiError.AccountParameter));
}

public sealed record IdentitiesResponse : Envelope
{
    public required IReadOnlyList<BoundIdentity> Identities { get; init; }
}

public sealed record BoundIdentity(string Provider, string Subject, long BoundAt);
