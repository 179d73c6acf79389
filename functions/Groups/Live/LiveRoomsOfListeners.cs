using Parley.Accounts;
using Parley.Connections;
using Parley.Connections.Guests;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>
/// Lets accounts and guests out of their live rooms when their last connection is gone: at once when SignalR tells of it, else when the sweep comes by; and accounts that are deleted.
/// </summary>
public sealed class LiveRoomsOfListeners(
    ListenedRoomTable listened, LiveAttendance attendance, ConnectionTable connections, SignalRClient signalR, TimeProvider time)
    : IConnectionWatcher, IAccountBelonging
{
    /// <summary>Devices hear their rooms for longer when the sweep finds less than this left.</summary>
    private static readonly TimeSpan RenewWithin = LiveAttendance.Lifetime / 2;

    public Task ConnectedAsync(AccountKey account, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Rooms that the account joined again while it was looked for connections are left alone: a device has come back.</summary>
    public async Task DisconnectedAsync(AccountKey account, CancellationToken cancellation)
    {
        var who = LiveListener.Of(account);
        if (await listened.ReadAsync(who, cancellation) is { Count: > 0 } rooms && !await IsOpenAsync(who, cancellation))
        {
            await LeaveAsync(who, rooms);
        }
    }

    /// <summary>A guest has gone.</summary>
    public async Task DisconnectedAsync(GuestKey guest, CancellationToken cancellation)
    {
        var who = LiveListener.Of(guest);
        await attendance.LeaveAsync(who, await listened.ReadAsync(who, cancellation) ?? [], isLost: false);
    }

    /// <summary>The account is being deleted.</summary>
    public async Task RemoveAsync(AccountKey account, CancellationToken cancellation)
    {
        var who = LiveListener.Of(account);
        await attendance.LeaveAsync(who, await listened.ReadAsync(who, cancellation) ?? [], isLost: false);
    }

    /// <summary>The sweep has come upon a row <see cref="ListenedRoomTable.RowKey"/> that was not written for some time.</summary>
    public async Task CheckAsync(string partitionKey, CancellationToken cancellation)
    {
        if (LiveListener.FromPartitionKey(partitionKey) is not { } who || await listened.ReadAsync(who, cancellation) is not { } rooms)
        {
            return;
        }

        if (rooms.Count == 0)
        {
            await listened.DeleteEmptyAsync(who, cancellation);
        }
        else if (!await IsOpenAsync(who, cancellation))
        {
            await LeaveAsync(who, rooms);
        }
        else if (who.Account is not null)
        {
            await RenewAsync(who, rooms, cancellation);
        }
    }

    private Task LeaveAsync(LiveListener who, IReadOnlyList<ListenedRoom> rooms)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return attendance.LeaveAsync(who, [.. rooms.Where(room => room.KeptUntil <= now)], isLost: true);
    }

    private async Task RenewAsync(LiveListener who, IReadOnlyList<ListenedRoom> rooms, CancellationToken cancellation)
    {
        var soon = (time.GetUtcNow() + RenewWithin).ToUnixTimeSeconds();
        foreach (var room in rooms.Where(room => room.HeardUntil < soon))
        {
            await attendance.RenewAsync(who, room, cancellation);
        }
    }

    private async Task<bool> IsOpenAsync(LiveListener who, CancellationToken cancellation) => who.Account is null
        ? await signalR.ConnectionExistsAsync(who.SdkAppId, who.ConnectionId, cancellation)
        : (await connections.ListAsync(who.Key, cancellation)).Any(row => row.Ended is null);
}
