namespace Parley.Callbacks;

/// <summary>Whether a receiver is called at all. After some failures in a row it is left alone for a while; then one call shows whether it is back.</summary>
internal sealed class Circuit(CallbacksOptions options, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ProbeWait = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private DateTimeOffset? _openUntil;
    private int _failures;
    private int _openings;
    private bool _isProbing;

    /// <summary>Asks for a call.</summary>
    /// <param name="wait">How long not to, when there is none.</param>
    /// <returns>Null when the receiver is left alone.</returns>
    public CircuitPass? TryEnter(out TimeSpan wait)
    {
        lock (_gate)
        {
            wait = TimeSpan.Zero;
            if (_openUntil is not { } until)
            {
                return new CircuitPass(this, isProbe: false);
            }

            wait = until - time.GetUtcNow();
            if (wait <= TimeSpan.Zero && !_isProbing)
            {
                _isProbing = true;
                return new CircuitPass(this, isProbe: true);
            }

            wait = wait <= TimeSpan.Zero ? ProbeWait : wait;
            return null;
        }
    }

    /// <param name="succeeded">Null when the call was not made.</param>
    public void Settle(bool isProbe, bool? succeeded)
    {
        lock (_gate)
        {
            _isProbing &= !isProbe;
            if (succeeded == true)
            {
                (_openUntil, _failures, _openings) = (null, 0, 0);
            }
            else if (succeeded == false && (isProbe || (_openUntil is null && ++_failures >= options.CircuitFailures)))
            {
                // Calls that had begun before say nothing new.
                var closedFor = TimeSpan.FromMilliseconds(Math.Min(options.CircuitMilliseconds * Math.Pow(2, _openings), Longest.TotalMilliseconds));
                (_openUntil, _openings) = (time.GetUtcNow() + closedFor, _openings + 1);
            }
        }
    }
}

/// <summary>The right to make one call; disposed without a report, it counts as not made.</summary>
public sealed class CircuitPass : IDisposable
{
    private readonly Circuit _circuit;
    private readonly bool _isProbe;
    private bool _isSettled;

    internal CircuitPass(Circuit circuit, bool isProbe) => (_circuit, _isProbe) = (circuit, isProbe);

    public void Report(bool succeeded) => Settle(succeeded);

    public void Dispose() => Settle(null);

    private void Settle(bool? succeeded)
    {
        if (!_isSettled)
        {
            _isSettled = true;
            _circuit.Settle(_isProbe, succeeded);
        }
    }
}
