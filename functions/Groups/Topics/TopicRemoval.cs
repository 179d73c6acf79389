using Azure.Data.Tables;
using Parley.Callbacks;
using Parley.Storage;

namespace Parley.Groups.Topics;

/// <summary>
/// Deletes the rows of topics that are no more. What ends a topic is that its head gives way to row <c>x</c>, as with a group that is dismissed; a call that breaks off leaves that row,
/// and the sweep, or the creation of a topic of that name, finishes it.
/// </summary>
public sealed class TopicRemoval(GroupStore groups, TableStore tables) : ISweptRows
{
    private const string GoneAt = "GoneAt";

    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(10);

    public string Table => TableNames.Groups;

    public IReadOnlyList<string> Columns { get; } = [GoneAt];

    /// <summary>Ends a topic inside a change of its community.</summary>
    /// <param name="attempt">Names the request, so that its own replay recognises what it has done.</param>
    public static void Begin(GroupPartition topic, string attempt)
    {
        topic.Rows.Delete(GroupPartition.HeadRow);
        topic.Rows.Put(new TableEntity { RowKey = GroupPartition.MarkerRow, [GoneAt] = topic.Now, ["Attempt"] = attempt });
    }

    /// <summary>Whether a request has ended the topic.</summary>
    public static bool IsOf(GroupPartition topic, string attempt) => topic.Rows.Get(GroupPartition.MarkerRow)?.GetString("Attempt") == attempt;

    /// <summary>Deletes what is left of a topic that has ended; nothing if there is none.</summary>
    public async Task FinishAsync(GroupKey topic, CancellationToken cancellation)
    {
        if (await groups.ReadAsync(topic, GroupPartition.MarkerRow, cancellation) is null)
        {
            return;
        }

        var (partition, prefix) = (topic.PartitionKey, topic.RowPrefix);
        var removal = new PartitionRemoval(tables.Groups, tables.GroupWriter, prefix + GroupPartition.MarkerRow, CallbackStream.Prefix);
        await removal.DeleteAsync(partition, prefix, prefix + "~", cancellation);
        await groups.ApplyAsync(topic, rows => rows.TryRemoveMarker(), cancellation);
    }

    public string Filter(DateTimeOffset now)
    {
        var old = now - MinAge;
        return TableClient.CreateQueryFilter($"RowKey ge 't|' and RowKey lt 't}}' and GoneAt lt {old}");
    }

    public bool Has(string rowKey) => rowKey != GroupPartition.MarkerRow && GroupKey.InnerRowKey(rowKey) == GroupPartition.MarkerRow;

    public Task LookAtAsync(TableEntity row, CancellationToken cancellation) =>
        GroupKey.OfRow(row.PartitionKey, row.RowKey) is var (topic, _) ? FinishAsync(topic, cancellation) : Task.CompletedTask;
}
