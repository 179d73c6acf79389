using System.Diagnostics;

namespace Parley.Bench.Fanout;

/// <summary>How long a message to a group took, in milliseconds from just before it was sent; not a number for what did not happen.</summary>
internal sealed record FanoutTimes(double ToAnswer, double ToFirst, double ToHalf, double ToLast)
{
    /// <param name="arrivals">In order.</param>
    public FanoutTimes(long began, long answered, IReadOnlyList<long> arrivals)
        : this(Since(began, answered), At(began, arrivals, 0), At(began, arrivals, (arrivals.Count - 1) / 2), At(began, arrivals, arrivals.Count - 1))
    {
    }

    private static double At(long began, IReadOnlyList<long> arrivals, int place) => arrivals.Count == 0 ? double.NaN : Since(began, arrivals[place]);

    private static double Since(long began, long at) => Stopwatch.GetElapsedTime(began, at).TotalMilliseconds;
}
