using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Parley.Apps;

namespace Parley.Callbacks;

/// <summary>The circuit of each receiver, as this instance knows it.</summary>
public sealed class CallbackCircuits(IOptions<CallbacksOptions> options, TimeProvider time)
{
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<(uint SdkAppId, string Url), Circuit> _circuits = new();

    /// <summary>Asks for a call of the app's receiver; null when it is left alone for so long.</summary>
    public CircuitPass? TryEnter(App app, out TimeSpan wait)
    {
        if (_circuits.Count >= MostRemembered)
        {
            _circuits.Clear();
        }

        return _circuits.GetOrAdd((app.SdkAppId, app.CallbackUrl), _ => new Circuit(options.Value, time)).TryEnter(out wait);
    }
}
