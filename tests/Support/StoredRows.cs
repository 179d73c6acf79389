using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Tests.Support;

/// <summary>Looks into the store from outside.</summary>
internal static class StoredRows
{
    /// <summary>Every row of an account's partition key, in every table that there is: "table/row key".</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(string connectionString, AccountKey account)
    {
        var service = new TableServiceClient(connectionString);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey}");
        var found = new List<string>();
        await foreach (var table in service.QueryAsync())
        {
            await foreach (var row in service.GetTableClient(table.Name).QueryAsync<TableEntity>(filter, select: ["RowKey"]))
            {
                found.Add($"{table.Name}/{row.RowKey}");
            }
        }

        return found;
    }

    /// <summary>A row of an account in table accounts; null when there is none.</summary>
    public static async Task<TableEntity?> ReadAsync(string connectionString, AccountKey account, string rowKey)
    {
        var row = await new TableClient(connectionString, TableNames.Accounts).GetEntityIfExistsAsync<TableEntity>(account.PartitionKey, rowKey);
        return row.HasValue ? row.Value : null;
    }
}
