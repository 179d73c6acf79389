using System.Buffers;
using System.Collections.Concurrent;
using Parley.Apps;

namespace Parley.Moderation;

/// <summary>Finds an app's dirty words in texts. Letters of either case are the same; a word counts wherever it stands, inside another one too.</summary>
/// <remarks>
/// The words are read once for each change of them, which is noticed with the app's settings: at once where it was made, within half a minute
/// elsewhere. So a check costs no request to storage, and an app that never had words costs nothing at all.
/// </remarks>
public sealed class DirtyWords(DirtyWordTable table) : IDisposable
{
    private readonly ConcurrentDictionary<uint, (long Version, SearchValues<string> Words)> _known = new();
    private readonly SemaphoreSlim _reading = new(1);

    /// <summary>Whether a check of this app could find anything; if not, its texts need not be looked for.</summary>
    public static bool AreUsedBy(App app) => app.DirtyWordsVersion > 0;

    /// <summary>Whether a text has a dirty word of the app.</summary>
    /// <exception cref="Azure.RequestFailedException">The words were changed, and storage does not tell them.</exception>
    public ValueTask<bool> AreInAsync(App app, string text, CancellationToken cancellation) => AreInAsync(app, [text], cancellation);

    /// <summary>Whether one of several texts has one.</summary>
    /// <exception cref="Azure.RequestFailedException">As above.</exception>
    public async ValueTask<bool> AreInAsync(App app, IEnumerable<string> texts, CancellationToken cancellation)
    {
        if (!AreUsedBy(app))
        {
            return false;
        }

        var words = Find(app) ?? await ReadAsync(app, cancellation);
        return texts.Any(text => text.AsSpan().ContainsAny(words));
    }

    public void Dispose() => _reading.Dispose();

    private SearchValues<string>? Find(App app) =>
        _known.TryGetValue(app.SdkAppId, out var known) && known.Version >= app.DirtyWordsVersion ? known.Words : null;

    // The words are written before their version is: what is read now is that version or a later one.
    private async Task<SearchValues<string>> ReadAsync(App app, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            if (Find(app) is { } known)
            {
                return known;
            }

            var words = await table.ReadAsync(app.SdkAppId, cancellation);
            var search = SearchValues.Create([.. words], StringComparison.OrdinalIgnoreCase);
            _known[app.SdkAppId] = (app.DirtyWordsVersion, search);
            return search;
        }
        finally
        {
            _reading.Release();
        }
    }
}
