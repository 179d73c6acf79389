using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Parley.Apps;

/// <summary>Finds the app of a request, from memory for half a minute after it was read.</summary>
public sealed class AppDirectory(AppTable table, IOptions<BootstrapOptions> bootstrap, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<uint, (App App, long ReadAt)> _known = new();

    /// <summary>The app with that sdkappid; null when there is none.</summary>
    public async ValueTask<App?> FindAsync(uint sdkAppId, CancellationToken cancellation)
    {
        if (_known.TryGetValue(sdkAppId, out var known) && time.GetElapsedTime(known.ReadAt) < Freshness)
        {
            return known.App;
        }

        var readAt = time.GetTimestamp();
        var app = await table.FindAsync(sdkAppId, cancellation) ?? await BootstrapAsync(sdkAppId, cancellation);
        if (app is not null)
        {
            _known[sdkAppId] = (app, readAt);
        }

        return app;
    }

    private async Task<App?> BootstrapAsync(uint sdkAppId, CancellationToken cancellation)
    {
        if (bootstrap.Value.ToApp() is not { } first || first.SdkAppId != sdkAppId)
        {
            return null;
        }

        return await table.TryAddAsync(first, cancellation) ? first : await table.FindAsync(sdkAppId, cancellation);
    }
}
