using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Groups.Lifecycle;

/// <summary>Dismissals of groups that broke off.</summary>
public sealed class BrokenDismissals(GroupDismissal dismissal) : ISweptRows
{
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(10);

    public string Table => TableNames.Groups;

    public IReadOnlyList<string> Columns { get; } = [];

    public string Filter(DateTimeOffset now)
    {
        var old = now - MinAge;
        return TableClient.CreateQueryFilter($"RowKey eq {GroupPartition.MarkerRow} and At lt {old}");
    }

    public bool Has(string rowKey) => rowKey == GroupPartition.MarkerRow;

    public Task LookAtAsync(TableEntity row, CancellationToken cancellation) =>
        GroupKey.FromPartitionKey(row.PartitionKey) is { } key ? dismissal.FinishAsync(key, cancellation) : Task.CompletedTask;
}
