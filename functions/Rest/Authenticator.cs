using System.Globalization;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Rest;

/// <summary>Finds out who makes a request: from its query (sdkappid, identifier, usersig), or from the connection that it came over.</summary>
/// <remarks>
/// The order of the checks is that of the API reference, protocol §4. Other query parameters (random, contenttype, apn) are not examined:
/// real clients send them in every form.
/// </remarks>
public sealed class Authenticator(AppDirectory apps, IRevocations revocations, TimeProvider time)
{
    /// <summary>The caller; or 60012, 60006, 60016, 60004 or the 700xx code of a UserSig that is bad or was revoked.</summary>
    /// <param name="isConfiguration">What is called stays open while an export is restored into the app.</param>
    public async ValueTask<Result<Caller>> AuthenticateAsync(IQueryCollection query, CancellationToken cancellation, bool isConfiguration = false)
    {
        if (!(await FindAppAsync(query, cancellation, isConfiguration)).TryGet(out var app, out var unknown))
        {
            return unknown;
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

        return sig.Verify(identifier, app, time.GetUtcNow()) is { } invalid
            ? invalid
            : await CheckAsync(new Caller(app, identifier) { Sig = sig, SignedAt = sig.Time }, cancellation);
    }

    /// <summary>The app of a request that no account makes; or 60012, 60006, 60016.</summary>
    public async ValueTask<Result<App>> FindAppAsync(IQueryCollection query, CancellationToken cancellation, bool isConfiguration = false)
    {
        var appText = query["sdkappid"].ToString();
        if (appText.Length == 0)
        {
            return ApiError.MissingApp;
        }

        return uint.TryParse(appText, NumberStyles.None, CultureInfo.InvariantCulture, out var sdkAppId)
            ? await FindAppAsync(sdkAppId, isConfiguration, cancellation)
            : ApiError.UnknownApp;
    }

    /// <summary>The account that a connection was opened as: its UserSig was verified then, and may have been revoked since. 60006, 60016, 60004 or 70052.</summary>
    /// <param name="signedAt">When that UserSig was made, in Unix seconds.</param>
    public async ValueTask<Result<Caller>> AuthenticateAsync(AccountKey account, long signedAt, CancellationToken cancellation)
    {
        if (!(await FindAppAsync(account.SdkAppId, isConfiguration: false, cancellation)).TryGet(out var app, out var refused))
        {
            return refused;
        }

        return FieldReader.IsAccount(account.Account)
            ? await CheckAsync(new Caller(app, account.Account) { SignedAt = signedAt }, cancellation)
            : ApiError.MissingCredentials;
    }

    private async ValueTask<Result<Caller>> CheckAsync(Caller caller, CancellationToken cancellation) =>
        await revocations.IsRevokedAsync(new AccountKey(caller.App.SdkAppId, caller.Account), caller.SignedAt, cancellation) ? ApiError.SigRevoked : caller;

    private async ValueTask<Result<App>> FindAppAsync(uint sdkAppId, bool isConfiguration, CancellationToken cancellation)
    {
        if (await apps.FindAsync(sdkAppId, cancellation) is not { } app)
        {
            return ApiError.UnknownApp;
        }

        return app.IsDisabled ? ApiError.AppDisabled : app.IsRestoring && !isConfiguration ? ApiError.AppRestoring : app;
    }
}
