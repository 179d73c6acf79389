using System.Globalization;

namespace Parley.Storage.Shards;

/// <summary>How far the move of a bucket has come.</summary>
public enum MovePhase
{
    /// <summary>It is used at its old place; whoever uses a partition of it notes that first, so that the partition is copied once more.</summary>
    Leaving,

    /// <summary>Nobody uses it: what was noted last is copied.</summary>
    Frozen,
}

/// <summary>A bucket on its way to another account.</summary>
/// <param name="Bucket">Its old place is the one that the map says.</param>
/// <param name="To">Number of the new account.</param>
/// <param name="Generation">Version of the map that began this phase; notes of the bucket's use bear it.</param>
public sealed record ShardMove(ShardBucket Bucket, int To, MovePhase Phase, long Generation)
{
    /// <summary><c>{app}:{bucket}&gt;{to}:{L or F}:{generation}</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Bucket.App}:{Bucket.Number}>{To}:{(Phase == MovePhase.Frozen ? 'F' : 'L')}:{Generation}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static ShardMove Parse(string text) => text.Split(':', '>') is [var app, var bucket, var to, var phase, var generation]
        ? new ShardMove(
            new ShardBucket(uint.Parse(app, CultureInfo.InvariantCulture), int.Parse(bucket, CultureInfo.InvariantCulture)),
            int.Parse(to, CultureInfo.InvariantCulture),
            phase == "F" ? MovePhase.Frozen : MovePhase.Leaving,
            long.Parse(generation, CultureInfo.InvariantCulture))
        : throw new FormatException($"'{text}' is no move of a bucket.");
}
