using Azure.Data.Tables;

namespace Parley.Storage;

internal static class TableEntityCopy
{
    /// <summary>A copy to alter: same key and properties, without what the service adds by itself (version, timestamp).</summary>
    public static TableEntity Copy(this TableEntity row)
    {
        var copy = new TableEntity(row.PartitionKey, row.RowKey);
        foreach (var (name, value) in row)
        {
            if (name is not ("odata.etag" or "Timestamp" or "PartitionKey" or "RowKey"))
            {
                copy[name] = value;
            }
        }

        return copy;
    }

    /// <summary>Sets a column, or leaves it out where there is no value.</summary>
    public static void SetOrOmit(this TableEntity row, string column, object? value)
    {
        if (value is null)
        {
            row.Remove(column);
        }
        else
        {
            row[column] = value;
        }
    }
}
