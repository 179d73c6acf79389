using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>Changes of one partition, decided in order and about to be committed as one entity-group transaction.</summary>
/// <remarks>Limits of the service: 100 entities, 4 MiB. The size kept here is in characters and leaves room for UTF-8 and the batch's own text.</remarks>
internal sealed class PartitionTransaction
{
    private const int MaxEntities = 100;
    private const int MaxCharacters = 1_000_000;

    private readonly Dictionary<string, TableTransactionAction> _writes = new(StringComparer.Ordinal);
    private int _characters;

    /// <summary>The changes that it holds: the first of those that waited.</summary>
    public List<PendingChange> Changes { get; } = [];

    /// <summary>Rows that must be read before anything can be committed.</summary>
    public HashSet<string> Missing { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Assumed { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Inserted { get; } = new(StringComparer.Ordinal);

    public List<TableTransactionAction> Actions => [.. _writes.Values];

    /// <summary>
    /// Runs waiting changes, first come first served, until <paramref name="most"/> are in or one does not fit.
    /// A change that throws is failed on the spot and leaves no trace.
    /// </summary>
    public static PartitionTransaction Plan(Partition partition, List<PendingChange> waiting, int most)
    {
        var plan = new PartitionTransaction();
        for (var i = 0; i < waiting.Count && plan.Changes.Count < most;)
        {
            var change = waiting[i];
            var view = new PartitionView(partition.Table, partition.Key, partition.Rows, plan._writes);
            try
            {
                change.Run(view);
            }
            catch (Exception) when (view.Missing.Count > 0)
            {
                // It ran without rows that it needs; it will run again with them.
            }
            catch (Exception reason)
            {
                change.Fail(reason);
                waiting.RemoveAt(i);
                continue;
            }

            if (view.Writes.Count == 0)
            {
                // What commits nothing is guarded by nothing: it must rest on rows read since the change arrived, and nothing asserts what it assumed.
                view.Missing.UnionWith(view.Remembered.Where(row => partition.Rows[row].AsOf < change.ArrivedAt));
                view.Missing.UnionWith(view.Assumed.Where(row => !partition.Rows.ContainsKey(row)));
            }

            plan.Missing.UnionWith(view.Missing);
            if (plan.Missing.Count == 0 && !plan.TryAdd(change, view))
            {
                break;
            }

            i++;
        }

        return plan;
    }

    private bool TryAdd(PendingChange change, PartitionView view)
    {
        var added = view.Writes.Count(write => write.Value is not null && !_writes.ContainsKey(write.Key));
        var characters = view.Writes.Values.Sum(write => write is null ? 0 : Characters((TableEntity)write.Entity));
        if (Changes.Count > 0 && (_writes.Count + added > MaxEntities || _characters + characters > MaxCharacters))
        {
            return false;
        }

        _characters += characters;
        foreach (var (key, write) in view.Writes)
        {
            if (write is null)
            {
                _writes.Remove(key);
            }
            else
            {
                _writes[key] = write;
            }
        }

        Assumed.UnionWith(view.Assumed);
        Inserted.UnionWith(view.Inserted);
        change.RunAfterwards(view.Afterwards);
        Changes.Add(change);
        return true;
    }

    private static int Characters(TableEntity row) => 600 + row.Sum(property => 40 + property.Key.Length + property.Value switch
    {
        string text => text.Length,
        // As it travels: in base64.
        byte[] bytes => bytes.Length * 4 / 3,
        _ => 0,
    });
}
