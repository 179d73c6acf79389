using Azure.Data.Tables;
using Parley.Callbacks;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>Adds up what the heads of an account's conversations count as unread, in one query. Messages past their own life time may still be in it.</summary>
public sealed class UnreadTotal(TableStore tables) : IUnreadTotal
{
    private static readonly string[] Columns = ["Unread"];

    public async Task<long> CountAsync(AccountKey account, CancellationToken cancellation)
    {
        var total = 0L;
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey} and RowKey ge 'c|' and RowKey lt 'c}}'");
        await foreach (var head in tables.Accounts.QueryAsync<TableEntity>(account.PartitionKey, filter, select: Columns, cancellationToken: cancellation))
        {
            total += head.GetInt64("Unread") ?? 0;
        }

        return total;
    }
}
