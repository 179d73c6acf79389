using Azure;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>What an instance knows of one row: its content and version, or that it does not exist.</summary>
/// <param name="Entity">The row; null when it does not exist.</param>
/// <param name="AsOf">A <see cref="TimeProvider.GetTimestamp"/> at which this was true.</param>
internal sealed record PartitionRow(TableEntity? Entity, ETag Version, long AsOf)
{
    public static PartitionRow Absent(long asOf) => new(null, default, asOf);
}
