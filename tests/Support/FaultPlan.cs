namespace Parley.Tests.Support;

/// <summary>Chooses the fault of each request. Called by many requests at once.</summary>
public delegate Fault FaultPlan(ProxiedRequest request);

/// <summary>Ready-made plans.</summary>
public static class FaultPlans
{
    public static FaultPlan None { get; } = _ => Fault.None;

    /// <summary>
    /// Gives a share of the requests one of the faults. The choice depends on the seed and on the number of the request only,
    /// so a run with the same seed and the same order of requests sees the same faults. The rate is a share from 0 to 1, of
    /// the requests among which faults may fall (all if not given).
    /// </summary>
    public static FaultPlan Random(int seed, double rate, IReadOnlyList<Fault> faults, Func<ProxiedRequest, bool>? among = null) =>
        request =>
        {
            if (among is not null && !among(request))
            {
                return Fault.None;
            }

            var dice = Scramble(unchecked((ulong)seed * 0x9E3779B97F4A7C15UL) + (ulong)request.Number);
            var isHit = (dice >> 11) * (1.0 / (1UL << 53)) < rate;
            return isHit ? faults[(int)(Scramble(dice) % (ulong)faults.Count)] : Fault.None;
        };

    /// <summary>Gives the faults, in order, to the first requests that match; later ones pass.</summary>
    public static FaultPlan Script(Func<ProxiedRequest, bool> matches, params Fault[] faults)
    {
        var next = -1;
        return request => matches(request) && Interlocked.Increment(ref next) is var index && index < faults.Length ? faults[index] : Fault.None;
    }

    // The finaliser of SplitMix64: neighbouring numbers give unrelated results.
    private static ulong Scramble(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
