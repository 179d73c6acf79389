using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>Deletions of accounts that broke off.</summary>
public sealed class BrokenDeletions(AccountDeletion deletion) : ISweptRows
{
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(10);

    public string Table => TableNames.Accounts;

    public IReadOnlyList<string> Columns { get; } = [];

    public string Filter(DateTimeOffset now)
    {
        var old = now - MinAge;
        return TableClient.CreateQueryFilter($"RowKey eq {AccountDeletion.MarkerRow} and At lt {old}");
    }

    public bool Has(string rowKey) => rowKey == AccountDeletion.MarkerRow;

    public Task LookAtAsync(TableEntity row, CancellationToken cancellation) =>
        AccountKey.FromPartitionKey(row.PartitionKey) is { } account ? deletion.FinishAsync(account, cancellation) : Task.CompletedTask;
}
