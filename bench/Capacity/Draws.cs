namespace Parley.Bench.Capacity;

/// <summary>Random numbers that are the same for the same seed, and the distributions that are needed of them.</summary>
internal sealed class Draws(int seed)
{
    /// <summary>Largest group; the exponent gives many small ones and few large ones.</summary>
    private const double LargestGroup = 100_000;

    private const double GroupExponent = 1.3;

    private readonly Random _random = new(seed);

    public double Uniform() => _random.NextDouble();

    /// <summary>Time until the next of events that come one in <paramref name="mean"/> seconds.</summary>
    public double Exponential(double mean) => -mean * Math.Log(1 - _random.NextDouble());

    public int Below(int most) => _random.Next(most);

    /// <summary>A number below <paramref name="count"/>, the small ones more often.</summary>
    public long Rank(double count, double skew) => (long)(count * Math.Pow(_random.NextDouble(), skew));

    /// <summary>How many events come when that many are expected.</summary>
    public double Poisson(double expected)
    {
        // A normal distribution is near enough then.
        if (expected > 200)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
            return Math.Round(Math.Max(0, expected + (normal * Math.Sqrt(expected))));
        }

        var (count, left) = (0, Math.Exp(-expected));
        for (var product = _random.NextDouble(); product > left; product *= _random.NextDouble())
        {
            count++;
        }

        return count;
    }

    /// <summary>Members of the group of a message, with that mean: a bounded Pareto distribution.</summary>
    public double GroupSize(double mean) => Math.Pow(1 - (_random.NextDouble() * Span), -1 / GroupExponent) * mean / MeanOfPareto;

    /// <summary>Bytes of a message, with that mean: mostly short, some long.</summary>
    public double MessageBytes(double mean) => (mean / 2) + Exponential(mean / 2);

    private static double Span => 1 - Math.Pow(LargestGroup, -GroupExponent);

    private static double MeanOfPareto => GroupExponent / (GroupExponent - 1) * (1 - Math.Pow(LargestGroup, 1 - GroupExponent)) / Span;
}
