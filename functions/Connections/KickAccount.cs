using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>
/// Ends all connections of an account and makes its UserSigs of before invalid.
/// <code>
/// POST /v4/im_open_login_svc/kick
/// { "UserID": "jonas" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Each device hears the event Kicked before its connection is closed. A UserSig of an earlier second than the call is refused from then on
/// (70052), by other instances within half a minute and by negotiate at once; one made later is good.
/// Errors: 70107 unknown account, 70402 no account, 70500 storage or the SignalR service failed: repeat the call.
/// Source: API reference, account §5. Identifier is the older name of UserID; both are taken.
/// </remarks>
public sealed class KickAccount(AccountDirectory accounts, ConnectionEnding connections, TimeProvider time) : ICommand<KickAccountRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, KickAccountRequest request, CancellationToken cancellation)
    {
        var key = new AccountKey(caller.App.SdkAppId, request.Account);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var kicked = await accounts.ChangeAsync(
            key,
            row => row[nameof(AccountState.KickedAt)] = Math.Max(now, row.GetInt64(nameof(AccountState.KickedAt)) ?? 0),
            cancellation);
        if (kicked is null)
        {
            return ApiError.AccountNotFound;
        }

        await connections.EndAllAsync(key, EndReason.Kick, cancellation);
        return Envelope.Ok;
    }
}

public sealed record KickAccountRequest(string Account) : IRequest<KickAccountRequest>
{
    public static KickAccountRequest Read(FieldReader fields) =>
        new(fields.Account(fields.Has("UserID") ? "UserID" : "Identifier", ApiError.AccountParameter));
}
