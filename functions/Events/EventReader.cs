using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Events;

/// <summary>Reads the event timelines of accounts.</summary>
public sealed class EventReader(TableStore tables)
{
    public async Task<EventHead> ReadHeadAsync(AccountKey owner, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, EventTimeline.Rows.Head, cancellationToken: cancellation);
        return EventHead.FromRow(row.HasValue ? row.Value : null);
    }

    /// <summary>Reads the events of a range of numbers, both ends included, oldest first.</summary>
    public async Task<IReadOnlyList<StoredEvent>> ReadAsync(AccountKey owner, long from, long to, CancellationToken cancellation)
    {
        var events = new List<StoredEvent>();
        if (from > to)
        {
            return events;
        }

        var (lowest, highest) = (EventTimeline.Rows.Entry(from), EventTimeline.Rows.Entry(to));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge {lowest} and RowKey le {highest}");
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, filter, cancellationToken: cancellation))
        {
            events.Add(StoredEvent.FromRow(row));
        }

        return events;
    }
}
