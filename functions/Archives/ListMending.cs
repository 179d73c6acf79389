using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Archives;

/// <summary>Puts lists right whose head counts their rows: an app's groups, and the accounts of an app with a limit of them.</summary>
public sealed class ListMending(TableStore tables)
{
    private const string Head = "h";

    /// <summary>Counts the groups of an app anew, by type and in all.</summary>
    public async Task MendGroupsAsync(string partition, CancellationToken cancellation)
    {
        var rows = await ListAsync(tables.Groups, partition, "n|", "n}", cancellation);
        await tables.GroupWriter.ApplyAsync(partition, view =>
        {
            var head = view.Get(Head)?.Copy() ?? new TableEntity { RowKey = Head };
            foreach (var column in head.Keys.Where(column => column.StartsWith("Count", StringComparison.Ordinal)).ToList())
            {
                head[column] = 0L;
            }

            head["Count"] = (long)rows.Count;
            foreach (var type in rows.GroupBy(row => row.GetString("Type")))
            {
                head[$"Count{type.Key}"] = (long)type.Count();
            }

            head["LastNumber"] = Math.Max(head.GetInt64("LastNumber") ?? 0, rows.Select(row => row.GetInt64("Number") ?? 0).DefaultIfEmpty().Max());
            view.Put(head);
            return true;
        }, cancellation);
    }

    /// <summary>Counts the accounts that have a place.</summary>
    public async Task MendQuotaAsync(string partition, CancellationToken cancellation)
    {
        var rows = await ListAsync(tables.Accounts, partition, "r|", "r}", cancellation);
        await tables.AccountWriter.ApplyAsync(partition, view =>
        {
            var head = view.Get(Head)?.Copy() ?? new TableEntity { RowKey = Head };
            head["Count"] = (long)rows.Count;
            view.Put(head);
            return true;
        }, cancellation);
    }

    private static async Task<List<TableEntity>> ListAsync(ShardedTable table, string partition, string from, string to, CancellationToken cancellation)
    {
        var found = new List<TableEntity>();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}");
        await foreach (var row in table.QueryAsync<TableEntity>(partition, filter, cancellationToken: cancellation))
        {
            found.Add(row);
        }

        return found;
    }
}
