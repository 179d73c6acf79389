using Azure.Data.Tables;
using Parley.Groups;

namespace Parley.Archives;

/// <summary>Rows of a group or topic that is put right.</summary>
internal static class MendedRows
{
    public const int AtOnce = 40;

    /// <summary>Rows in the order of their keys.</summary>
    public static async Task<List<TableEntity>> ListAsync(this GroupStore groups, GroupKey key, string from, string to, CancellationToken cancellation, IEnumerable<string>? columns = null)
    {
        var found = new List<TableEntity>();
        await foreach (var row in groups.QueryAsync(key, from, to, cancellation, columns))
        {
            found.Add(row);
        }

        return found;
    }

    /// <summary>Deletes rows. They are looked at first: this instance may take for absent what the restore has written.</summary>
    public static async Task DropAsync(this GroupStore groups, GroupKey key, List<TableEntity> rows, CancellationToken cancellation)
    {
        foreach (var some in rows.Select(row => row.RowKey).Chunk(AtOnce))
        {
            await groups.ApplyAsync(key, group =>
            {
                foreach (var row in some.Where(row => group.Rows.Get(row) is not null))
                {
                    group.Rows.Delete(row);
                }

                return true;
            }, cancellation);
        }
    }
}
