using System.Collections.Concurrent;

namespace Parley.Logins;

/// <summary>
/// Remembers what issuers publish, for an hour; longer while an issuer cannot be reached. A key that is not known has it read again,
/// but not more often than once in half a minute, whatever tokens come.
/// </summary>
public sealed class OpenIdConfigurations(ProviderHttp http, TimeProvider time)
{
    private const int MostRemembered = 1_000;

    private static readonly TimeSpan Freshness = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestUse = TimeSpan.FromDays(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Remembered> _known = new(StringComparer.Ordinal);

    /// <exception cref="ProviderException">The issuer cannot be read, and has not been for a day.</exception>
    public async Task<OpenIdConfiguration> FindAsync(string issuer, CancellationToken cancellation)
    {
        var known = Of(issuer);
        if (known.Current is { } current && time.GetElapsedTime(known.ReadAt) < Freshness)
        {
            return current;
        }

        await known.Gate.WaitAsync(cancellation);
        try
        {
            return known.Current is { } read && time.GetElapsedTime(known.ReadAt) < Freshness ? read : await ReadAsync(known, issuer, cancellation);
        }
        finally
        {
            known.Gate.Release();
        }
    }

    /// <summary>Reads an issuer again because something is missing in what is known.</summary>
    /// <returns>What was seen already if it was read a moment ago or cannot be read.</returns>
    public async Task<OpenIdConfiguration> RenewAsync(OpenIdConfiguration seen, CancellationToken cancellation)
    {
        var known = Of(seen.Issuer);
        await known.Gate.WaitAsync(cancellation);
        try
        {
            if (known.Current is { } current && (current != seen || (known.RenewedAt is { } last && time.GetElapsedTime(last) < RenewInterval)))
            {
                return current;
            }

            known.RenewedAt = time.GetTimestamp();
            return await ReadAsync(known, seen.Issuer, cancellation);
        }
        finally
        {
            known.Gate.Release();
        }
    }

    private async Task<OpenIdConfiguration> ReadAsync(Remembered known, string issuer, CancellationToken cancellation)
    {
        var usable = known.Current is { } old && time.GetElapsedTime(known.ReadAt) < LongestUse ? old : null;
        if (known.Failure is { } failure && time.GetElapsedTime(known.FailedAt) < RetryInterval)
        {
            return usable ?? throw new ProviderException(failure.Message, failure);
        }

        try
        {
            var read = await OpenIdConfiguration.ReadAsync(http, issuer, cancellation);
            (known.Current, known.ReadAt, known.Failure) = (read, time.GetTimestamp(), null);
            return read;
        }
        catch (ProviderException e)
        {
            (known.Failure, known.FailedAt) = (e, time.GetTimestamp());
            if (usable is null)
            {
                throw;
            }

            return usable;
        }
    }

    private Remembered Of(string issuer)
    {
        if (_known.TryGetValue(issuer, out var known))
        {
            return known;
        }

        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        return _known.GetOrAdd(issuer, static _ => new Remembered());
    }

    private sealed class Remembered
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public OpenIdConfiguration? Current { get; set; }

        public long ReadAt { get; set; }

        public long? RenewedAt { get; set; }

        public ProviderException? Failure { get; set; }

        public long FailedAt { get; set; }
    }
}
