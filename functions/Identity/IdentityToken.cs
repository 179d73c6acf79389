using Azure.Core;

namespace Parley.Identity;

/// <summary>The app's token for one service, remembered until shortly before its end. Callers that meet wait for one request.</summary>
/// <param name="scope">For example <c>https://signalr.azure.com/.default</c>.</param>
public sealed class IdentityToken(AppIdentity identity, string scope, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _gate = new(1);
    private Remembered? _current;

    /// <exception cref="Azure.Identity.AuthenticationFailedException">There is no token, and none that is still good.</exception>
    public async ValueTask<AccessToken> GetAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _current) is { } fresh && time.GetUtcNow() < fresh.RenewAt)
        {
            return fresh.Token;
        }

        await _gate.WaitAsync(cancellation);
        try
        {
            return _current is { } renewed && time.GetUtcNow() < renewed.RenewAt ? renewed.Token : await RenewAsync(cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<AccessToken> RenewAsync(CancellationToken cancellation)
    {
        try
        {
            var token = await identity.Credential.GetTokenAsync(new TokenRequestContext([scope]), cancellation);
            Volatile.Write(ref _current, new Remembered(token, RenewAt(token)));
            return token;
        }
        catch (Azure.Identity.AuthenticationFailedException) when (_current is { } old && time.GetUtcNow() < old.Token.ExpiresOn)
        {
            // The identity's endpoint is away; what there is serves a little longer, and the endpoint is not asked for each call.
            var later = time.GetUtcNow() + TimeSpan.FromSeconds(10);
            Volatile.Write(ref _current, old with { RenewAt = later < old.Token.ExpiresOn ? later : old.Token.ExpiresOn });
            return old.Token;
        }
    }

    private static DateTimeOffset RenewAt(AccessToken token)
    {
        var beforeEnd = token.ExpiresOn - Margin;
        return token.RefreshOn is { } refresh && refresh < beforeEnd ? refresh : beforeEnd;
    }

    private sealed record Remembered(AccessToken Token, DateTimeOffset RenewAt);
}
