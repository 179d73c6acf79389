using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>Those in live rooms of whom nothing was heard for long: the <c>disconnected</c> event of their last device may have been lost.</summary>
public sealed class SilentListeners(LiveRoomsOfListeners liveRooms) : ISweptRows
{
    /// <summary>Younger ones are left to their own events.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(10);

    public string Table => TableNames.Accounts;

    public IReadOnlyList<string> Columns { get; } = [];

    public string Filter(DateTimeOffset now)
    {
        var old = now - MinAge;
        return TableClient.CreateQueryFilter($"RowKey eq {ListenedRoomTable.RowKey} and SeenAt lt {old}");
    }

    public bool Has(string rowKey) => rowKey == ListenedRoomTable.RowKey;

    public Task LookAtAsync(TableEntity row, CancellationToken cancellation) => liveRooms.CheckAsync(row.PartitionKey, cancellation);
}
