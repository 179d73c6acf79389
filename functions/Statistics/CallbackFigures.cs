namespace Parley.Statistics;

/// <summary>What is counted of the callbacks of one command. New ones are added at the end: the numbers are stored by their place.</summary>
public enum CallbackCount
{
    /// <summary>Requests made, each attempt for itself.</summary>
    Sent,

    Answered,

    /// <summary>Answers that refused or dropped what was asked for.</summary>
    Refused,

    TimedOut,
    Unreachable,
    Forbidden,
    BadStatus,
    BadBody,
    TooLarge,

    /// <summary>Not sent, because the receiver had failed too often.</summary>
    CircuitOpen,

    /// <summary>Given up: among the dead.</summary>
    GivenUp,
}

/// <summary>How the callbacks of one command went: how many ended in which way, and how long the requests took.</summary>
public sealed class CallbackFigures
{
    private static readonly int Kinds = Enum.GetValues<CallbackCount>().Length;

    /// <summary>Upper ends of the classes of duration; what takes longer than the last is in one more.</summary>
    private static readonly int[] LimitsMilliseconds = [5, 10, 20, 50, 100, 200, 500, 1_000, 1_500, 2_000, 5_000];

    private readonly long[] _counts = new long[Kinds];
    private readonly long[] _durations = new long[LimitsMilliseconds.Length + 1];

    public long this[CallbackCount count] => _counts[(int)count];

    /// <summary>The numbers as they are stored: durations first, then counts, of which there may be more one day.</summary>
    public IReadOnlyList<long> Numbers => [.. _durations, .. _counts];

    public static CallbackFigures Of(IReadOnlyList<long> numbers)
    {
        var figures = new CallbackFigures();
        for (var n = 0; n < numbers.Count && n < figures._durations.Length + Kinds; n++)
        {
            (n < figures._durations.Length ? figures._durations : figures._counts)[n < figures._durations.Length ? n : n - figures._durations.Length] = numbers[n];
        }

        return figures;
    }

    public void Add(CallbackCount count) => _counts[(int)count]++;

    public void AddDuration(TimeSpan duration)
    {
        var place = Array.FindIndex(LimitsMilliseconds, limit => duration.TotalMilliseconds <= limit);
        _durations[place < 0 ? LimitsMilliseconds.Length : place]++;
    }

    public void Merge(CallbackFigures other)
    {
        for (var n = 0; n < _counts.Length; n++)
        {
            _counts[n] += other._counts[n];
        }

        for (var n = 0; n < _durations.Length; n++)
        {
            _durations[n] += other._durations[n];
        }
    }

    /// <summary>A time that this share of the requests did not exceed, as exact as the classes are; null when there were none, or it is above all classes.</summary>
    public int? WithinMilliseconds(double share)
    {
        var (total, sum) = (_durations.Sum(), 0L);
        for (var n = 0; total > 0 && n < LimitsMilliseconds.Length; n++)
        {
            sum += _durations[n];
            if (sum >= total * share)
            {
                return LimitsMilliseconds[n];
            }
        }

        return null;
    }
}
