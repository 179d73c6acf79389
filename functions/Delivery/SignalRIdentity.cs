using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Azure.Identity;
using Microsoft.Extensions.Options;
using Parley.Identity;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>Tokens without a connection string: calls carry the identity's own token, clients get tokens signed with a key that the service lends the identity.</summary>
/// <remarks>
/// The service lends a key for 90 minutes (<c>GET /api/v1/auth/accessKey</c>, role SignalR Service Owner). It is asked for anew after 55,
/// beside the clients, so a negotiation costs no call but the first of an instance. A client's token ends with its key at the latest, that is
/// after half an hour at least unless the service lends none; it is needed to connect only. Source: the service's contract, Entra alternative.
/// </remarks>
public sealed partial class SignalRIdentity : ISignalRAuthorization, IDisposable
{
    internal const string Scope = "https://signalr.azure.com/.default";

    private static readonly TimeSpan KeyLifetime = TimeSpan.FromMinutes(90);
    private static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(55);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ClientLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly IdentityToken _identity;
    private readonly ParleyMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<SignalRIdentity> _logger;
    private readonly Uri _keyUrl;
    private readonly HttpClient _http;
    private readonly Lock _gate = new();
    private Task<LentKey>? _asking;
    private LentKey? _key;
    private DateTimeOffset _askAgainAt;

    public SignalRIdentity(
        SignalREndpoint endpoint, AppIdentity identity, IOptions<SignalROptions> options, ParleyMetrics metrics, TimeProvider time, ILogger<SignalRIdentity> logger)
    {
        (_identity, _metrics, _time, _logger) = (new IdentityToken(identity, Scope, time), metrics, time, logger);
        _keyUrl = new Uri($"{endpoint.BaseAddress}/api/v1/auth/accessKey");
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = TimeSpan.FromMilliseconds(options.Value.RequestTimeoutMilliseconds),
        };
    }

    public async ValueTask<string> TokenForCallAsync(string url, CancellationToken cancellation)
    {
        try
        {
            return (await _identity.GetAsync(cancellation)).Token;
        }
        catch (AuthenticationFailedException e)
        {
            throw new HttpRequestException($"The app's identity got no token for SignalR: {e.Message}", e);
        }
    }

    public async ValueTask<string> TokenForClientAsync(string audience, (string Name, string Value)[] claims, CancellationToken cancellation)
    {
        var key = await KeyAsync(cancellation);
        var now = _time.GetUtcNow();
        var left = key.LentAt + KeyLifetime - ClockSkew - now;
        return SignalRToken.Sign(key.Bytes, key.Id, audience, now, left < ClientLifetime ? left : ClientLifetime, claims);
    }

    public void Dispose()
    {
        _http.Dispose();
        _identity.Dispose();
    }

    private async ValueTask<LentKey> KeyAsync(CancellationToken cancellation)
    {
        Task<LentKey> asking;
        lock (_gate)
        {
            var age = _key is null ? TimeSpan.MaxValue : _time.GetUtcNow() - _key.LentAt;
            var isGood = age < KeyLifetime - TimeSpan.FromMinutes(5);
            if (age >= RenewAfter && _asking is null && (!isGood || _time.GetUtcNow() >= _askAgainAt))
            {
                _asking = AskAsync();
            }

            if (isGood)
            {
                return _key!;
            }

            asking = _asking!;
        }

        return await asking.WaitAsync(cancellation);
    }

    private async Task<LentKey> AskAsync()
    {
        // Out of the caller's lock.
        await Task.Yield();
        try
        {
            var key = await ReadAsync();
            lock (_gate)
            {
                (_key, _asking) = (key, null);
            }

            return key;
        }
        catch (Exception e)
        {
            NoKey(_logger, e.Message);
            lock (_gate)
            {
                (_asking, _askAgainAt) = (null, _time.GetUtcNow() + RetryAfter);
            }

            throw;
        }
    }

    private async Task<LentKey> ReadAsync()
    {
        var now = _time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Get, _keyUrl);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenForCallAsync(_keyUrl.AbsoluteUri, CancellationToken.None));
        using var response = await _http.SendAsync("lend key", request, _metrics, CancellationToken.None);
        response.EnsureSuccessStatusCode();
        var answer = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(), ParleyJson.Wire.LentKeyAnswer);
        return answer is { KeyId.Length: > 0, AccessKey.Length: > 0 }
            ? new LentKey(answer.KeyId, Encoding.UTF8.GetBytes(answer.AccessKey), now)
            : throw new HttpRequestException("SignalR lent a key without a name or a text.");
    }

    [LoggerMessage(EventId = 4020, Level = LogLevel.Warning, Message = "SignalR lent no key for the tokens of clients: {Reason}")]
    private static partial void NoKey(ILogger logger, string reason);

    private sealed record LentKey(string Id, byte[] Bytes, DateTimeOffset LentAt);
}

/// <summary>What the service answers: <c>{"KeyId":"…","AccessKey":"…"}</c>.</summary>
public sealed record LentKeyAnswer(string? KeyId, string? AccessKey);
