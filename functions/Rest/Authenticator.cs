using System.Globalization;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Rest;

/// <summary>Finds out who makes a request from its query: sdkappid, identifier, usersig.</summary>
/// <remarks>
/// The order of the checks is that of the API reference, protocol §4. Other query parameters (random, contenttype, apn) are not examined:
/// real clients send them in every form.
/// </remarks>
public sealed class Authenticator(AppDirectory apps, IRevocations revocations, TimeProvider time)
{
    /// <summary>The caller; or 60012, 60006, 60016, 60004 or the 700xx code of a UserSig that is bad or was revoked.</summary>
    public async ValueTask<Result<Caller>> AuthenticateAsync(IQueryCollection query, CancellationToken cancellation)
    {
        if (!(await VerifyAsync(query, cancellation)).TryGet(out var caller, out var refused))
        {
            return refused;
        }

        return await revocations.IsRevokedAsync(new AccountKey(caller.App.SdkAppId, caller.Account), caller.SignedAt, cancellation)
            ? ApiError.SigRevoked
            : caller;
    }

    private async ValueTask<Result<Caller>> VerifyAsync(IQueryCollection query, CancellationToken cancellation)
    {
        var appText = query["sdkappid"].ToString();
        if (appText.Length == 0)
        {
            return ApiError.MissingApp;
        }

        if (!uint.TryParse(appText, NumberStyles.None, CultureInfo.InvariantCulture, out var sdkAppId)
            || await apps.FindAsync(sdkAppId, cancellation) is not { } app)
        {
            return ApiError.UnknownApp;
        }

        if (app.IsDisabled)
        {
            return ApiError.AppDisabled;
        }

        var identifier = query["identifier"].ToString();
        if (!FieldReader.IsAccount(identifier) || !query.ContainsKey("usersig"))
        {
            return ApiError.MissingCredentials;
        }

        if (!UserSig.Read(query["usersig"].ToString()).TryGet(out var sig, out var unreadable))
        {
            return unreadable;
        }

        return sig.Verify(identifier, sdkAppId, app.Secrets, time.GetUtcNow()) is { } invalid
            ? invalid
            : new Caller(app, identifier) { SignedAt = sig.Time };
    }
}
