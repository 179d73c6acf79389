namespace Parley.Storage.Shards;

/// <summary>How long an instance goes by the shard map as it has read it, and how long whoever changes the map waits until nobody goes by the old one.</summary>
/// <remarks>
/// All instances and the resharding command must have the same, so these are no settings. What is decided by a map counts only if the answer came
/// within the lease, by the instance's own clock and by the dates of the servers' answers: the one may stand still with its machine, the others have whole
/// seconds and differ a little, hence <see cref="Skew"/>.
/// </remarks>
public sealed record ShardLease
{
    public static ShardLease Default { get; } = new();

    /// <summary>For buckets that are not being moved.</summary>
    public TimeSpan Settled { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For buckets that are being moved.</summary>
    public TimeSpan Moving { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>By how much more the servers' dates may differ.</summary>
    public TimeSpan Skew { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After this time an instance takes a frozen bucket for abandoned, and has it written to again.</summary>
    public TimeSpan Abandoned { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>After this time every instance knows that a bucket is being moved.</summary>
    public TimeSpan UntilAllKnow => Settled + (2 * Skew);

    /// <summary>After this time every instance knows of a change in the state of a bucket that is being moved.</summary>
    public TimeSpan UntilMovingKnow => Moving + (2 * Skew);
}
