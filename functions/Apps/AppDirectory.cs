using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Parley.Storage;

namespace Parley.Apps;

/// <summary>Finds the app of a request, from memory for half a minute after it was read.</summary>
/// <remarks>One request refreshes it, the others go on with what is known, and so do all while storage is away.</remarks>
public sealed class AppDirectory(AppTable table, TableLayouts layouts, IOptions<BootstrapOptions> bootstrap, TimeProvider time)
{
    /// <summary>Unknown ids are remembered too, so that guessing them does not read the table each time; not more than these.</summary>
    private const int MostRemembered = 10_000;

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FreshnessOfUnknown = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<uint, (App? App, long ReadAt)> _known = new();

    /// <summary>The app with that sdkappid; null when there is none.</summary>
    /// <exception cref="LayoutTooNewException">The tables belong to a newer program.</exception>
    public async ValueTask<App?> FindAsync(uint sdkAppId, CancellationToken cancellation)
    {
        var isKnown = _known.TryGetValue(sdkAppId, out var known);
        if (isKnown && time.GetElapsedTime(known.ReadAt) < (known.App is null ? FreshnessOfUnknown : Freshness))
        {
            return known.App;
        }

        var readAt = time.GetTimestamp();
        if (known.App is not null && !_known.TryUpdate(sdkAppId, (known.App, readAt), known))
        {
            return known.App;
        }

        try
        {
            // Both at once: the first request of an instance waits for one of them only.
            var reading = table.FindAsync(sdkAppId, cancellation);
            await layouts.CheckAsync(cancellation);
            var app = await reading ?? await BootstrapAsync(sdkAppId, cancellation);
            Remember(sdkAppId, app, readAt);
            return app;
        }
        catch (LayoutTooNewException)
        {
            // Nobody goes on with what is known.
            _known.TryRemove(sdkAppId, out _);
            throw;
        }
        catch (Exception) when (known.App is not null)
        {
            return known.App;
        }
    }

    /// <summary>Changes an app; see <see cref="AppTable.ChangeAsync"/>. This instance goes by the change at once, others when they read the app again.</summary>
    public async Task<App?> ChangeAsync(uint sdkAppId, Func<App, App?> change, CancellationToken cancellation)
    {
        var stored = await table.ChangeAsync(sdkAppId, change, cancellation);
        if (stored is not null)
        {
            Remember(sdkAppId, stored, time.GetTimestamp());
        }

        return stored;
    }

    private void Remember(uint sdkAppId, App? app, long readAt)
    {
        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        // What a read or another change brings late must not hide what is newer.
        _known.AddOrUpdate(sdkAppId, (app, readAt), (_, known) => known.App?.Version > app?.Version ? known : (app, readAt));
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
