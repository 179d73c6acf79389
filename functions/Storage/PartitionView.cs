using Azure;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>
/// The rows of one partition as a change sees them, with the writes of the changes before it in the same transaction.
/// A change is a pure function of this view: it may be run several times and only its last run counts.
/// </summary>
/// <remarks>
/// A row that is not in memory is read and the change run again, so a read may answer null once before it answers the row.
/// Entities given out are shared: a change puts a new entity instead of altering one.
/// </remarks>
public sealed class PartitionView
{
    private readonly IReadOnlyDictionary<string, PartitionRow> _known;
    private readonly IReadOnlyDictionary<string, TableTransactionAction> _before;
    private readonly Dictionary<string, TableTransactionAction?> _writes = new(StringComparer.Ordinal);
    private readonly string _prefix = "";

    internal PartitionView(
        string table, string partitionKey, IReadOnlyDictionary<string, PartitionRow> known, IReadOnlyDictionary<string, TableTransactionAction> before)
    {
        Table = table;
        PartitionKey = partitionKey;
        _known = known;
        _before = before;
    }

    private PartitionView(PartitionView whole, string prefix)
    {
        (Table, PartitionKey, _known, _before, _writes, _prefix) = (whole.Table, whole.PartitionKey, whole._known, whole._before, whole._writes, whole._prefix + prefix);
        (Missing, Assumed, Remembered, Inserted, Afterwards) = (whole.Missing, whole.Assumed, whole.Remembered, whole.Inserted, whole.Afterwards);
    }

    /// <summary>The rows whose keys begin with something, under what follows it in their keys. What is written through it is written by the same change.</summary>
    public PartitionView Within(string prefix) => new(this, prefix);

    /// <summary>Name of the table.</summary>
    public string Table { get; }

    public string PartitionKey { get; }

    /// <summary>Rows that must be read from the store before this change can be decided.</summary>
    internal HashSet<string> Missing { get; } = new(StringComparer.Ordinal);

    /// <summary>Rows that the change took for absent, or present, without knowing.</summary>
    internal HashSet<string> Assumed { get; } = new(StringComparer.Ordinal);

    /// <summary>Rows that the change took from this instance's memory.</summary>
    internal HashSet<string> Remembered { get; } = new(StringComparer.Ordinal);

    /// <summary>Rows written with <see cref="Insert"/>, which nobody will read again soon.</summary>
    internal HashSet<string> Inserted { get; } = new(StringComparer.Ordinal);

    /// <summary>What is to be done once the change is committed.</summary>
    internal List<Action> Afterwards { get; } = [];

    /// <summary>What the change wrote, by row key; null where it took back what a change before it in the transaction had added.</summary>
    internal IReadOnlyDictionary<string, TableTransactionAction?> Writes => _writes;

    /// <summary>Reads a row; null when it does not exist.</summary>
    public TableEntity? Get(string rowKey) => Shown(GetWhole(_prefix + rowKey));

    private TableEntity? GetWhole(string rowKey)
    {
        if (TryGetWritten(rowKey, out var written))
        {
            return written;
        }

        if (_known.TryGetValue(rowKey, out var row))
        {
            Remembered.Add(rowKey);
            return row.Entity;
        }

        Missing.Add(rowKey);
        return null;
    }

    /// <summary>
    /// Reads a row that most likely does not exist, without asking the store. If it does exist, the transaction
    /// fails on it, and the change runs again and sees it; so the row must be written whenever null is answered.
    /// </summary>
    public TableEntity? GetUnlikely(string rowKey) => Shown(GetUnlikelyWhole(_prefix + rowKey));

    private TableEntity? GetUnlikelyWhole(string rowKey)
    {
        if (TryGetWritten(rowKey, out var written))
        {
            return written;
        }

        if (_known.TryGetValue(rowKey, out var row))
        {
            Remembered.Add(rowKey);
            return row.Entity;
        }

        Assumed.Add(rowKey);
        return null;
    }

    /// <summary>
    /// Whether a row exists, for rows that most likely do. The transaction asserts it by writing a mark to the row, whatever
    /// its version; if it is gone, the change runs again and is told so.
    /// </summary>
    public bool ExistsLikely(string rowKey)
    {
        rowKey = _prefix + rowKey;
        if (TryGetWritten(rowKey, out var written))
        {
            return written is not null;
        }

        if (_known.TryGetValue(rowKey, out var row) && row.Entity is null)
        {
            Remembered.Add(rowKey);
            return false;
        }

        Assumed.Add(rowKey);
        var mark = new TableEntity(PartitionKey, rowKey) { ["Exists"] = true };
        _writes[rowKey] = new TableTransactionAction(TableTransactionActionType.UpdateMerge, mark, ETag.All);
        return true;
    }

    /// <summary>Writes a row that the change has read with <see cref="Get"/> or <see cref="GetUnlikely"/>, guarded by the version it read.</summary>
    public void Put(TableEntity row)
    {
        row = Whole(row);
        var known = _known.GetValueOrDefault(row.RowKey);
        _writes[row.RowKey] = known?.Entity is null
            ? new TableTransactionAction(TableTransactionActionType.Add, row)
            : new TableTransactionAction(TableTransactionActionType.UpdateReplace, row, known.Version);
    }

    /// <summary>
    /// Adds a row that cannot exist: <see cref="GetUnlikely"/> said so, or another row of this transaction guards it.
    /// It is not kept in memory.
    /// </summary>
    public void Insert(TableEntity row)
    {
        row = Whole(row);
        Inserted.Add(row.RowKey);
        _writes[row.RowKey] = new TableTransactionAction(TableTransactionActionType.Add, row);
    }

    /// <summary>Deletes a row that the change has read with <see cref="Get"/>.</summary>
    public void Delete(string rowKey)
    {
        rowKey = _prefix + rowKey;
        if (_known.GetValueOrDefault(rowKey) is { Entity: { } existing, Version: var version })
        {
            _writes[rowKey] = new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(PartitionKey, existing.RowKey), version);
        }
        else
        {
            _writes[rowKey] = null;
        }
    }

    /// <summary>
    /// Deletes a row that most likely exists; nothing happens if it does not. Whatever its version, unless the change has read the row: what was
    /// decided by it must still be so.
    /// </summary>
    public void DeleteLikely(string rowKey)
    {
        if (Remembered.Contains(_prefix + rowKey))
        {
            Delete(rowKey);
            return;
        }

        rowKey = _prefix + rowKey;
        if (_known.TryGetValue(rowKey, out var row) && row.Entity is null)
        {
            return;
        }

        Assumed.Add(rowKey);
        _writes[rowKey] = new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(PartitionKey, rowKey), ETag.All);
    }

    /// <summary>
    /// Has something quick done once the change is committed, as a hint that need not be exact: a run that was overtaken by another may have asked for it
    /// too, and nothing is done when it stays unknown whether the change was committed.
    /// </summary>
    public void AfterCommit(Action action) => Afterwards.Add(action);

    private TableEntity? Shown(TableEntity? row)
    {
        if (row is null || _prefix.Length == 0)
        {
            return row;
        }

        var shown = row.Copy();
        shown.RowKey = row.RowKey[_prefix.Length..];
        return shown;
    }

    private TableEntity Whole(TableEntity row)
    {
        row.PartitionKey = PartitionKey;
        if (_prefix.Length == 0)
        {
            return row;
        }

        var whole = row.Copy();
        whole.RowKey = _prefix + row.RowKey;
        return whole;
    }

    // A mark asserts that the row exists and hides nothing of it; whoever reads the row itself must still see it.
    private bool TryGetWritten(string rowKey, out TableEntity? row)
    {
        row = null;
        if (!_writes.TryGetValue(rowKey, out var write) && !_before.TryGetValue(rowKey, out write))
        {
            return false;
        }

        if (write?.ActionType == TableTransactionActionType.UpdateMerge)
        {
            return false;
        }

        row = write is null || write.ActionType == TableTransactionActionType.Delete ? null : (TableEntity)write.Entity;
        return true;
    }
}
