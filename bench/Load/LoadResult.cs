using Parley.Bench.Reporting;

namespace Parley.Bench.Load;

/// <summary>What the measured part of a load showed.</summary>
internal sealed record LoadResult
{
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Acknowledged ones.</summary>
    public required int Messages { get; init; }

    /// <summary>Milliseconds from send to answer.</summary>
    public required Distribution ToAnswer { get; init; }

    /// <summary>Milliseconds from send to the receiver's client.</summary>
    public required Distribution ToReceive { get; init; }

    /// <summary>Of the handler.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>Of the handler, since its start.</summary>
    public required long PeakResidentBytes { get; init; }

    /// <summary>Requests to the table service; 0 when they were not counted.</summary>
    public required long TableRequests { get; init; }

    /// <summary>Acknowledged, but pushed to no connected receiver.</summary>
    public required int NotReceived { get; init; }

    public double PerSecond => Messages / Elapsed.TotalSeconds;

    public double CpuSecondsPerThousand => CpuSeconds * 1000 / Messages;

    /// <summary>Counted, or the design's 2.</summary>
    public double TransactionsPerMessage => TableRequests > 0 ? (double)TableRequests / Messages : 2;
}
