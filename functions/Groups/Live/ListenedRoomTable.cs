using System.Globalization;
using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>A room that was joined.</summary>
/// <param name="IsNew">False when the account was in it already.</param>
/// <param name="IsBack">It was in the room until its connections were lost.</param>
public sealed record BegunListening(ListenedRoom Room, bool IsNew, bool IsBack = false);

/// <summary>
/// The live rooms of accounts and guests: one row <c>y</c> in the account's partition, or in the guest's own, of table <c>accounts</c>. Here it is decided whether somebody comes
/// or goes; the room counts what was decided.
/// </summary>
/// <remarks>
/// The row also says what was removed last and by which call, so that a call whose answer was lost recognises its own work. An account's row without rooms is
/// deleted by the sweep, a guest's at once. Rooms that it was let out of because its connections were lost are kept by name until then, so that its coming back is told as such.
/// </remarks>
public sealed class ListenedRoomTable(TableStore tables, TimeProvider time)
{
    public const string RowKey = "y";

    /// <summary>When the row was last written.</summary>
    public const string SeenColumn = "SeenAt";

    private const string RoomsColumn = "Rooms";
    private const string LeftColumn = "Left";
    private const string LostColumn = "Lost";

    // The call by which an account came back, so that a lost answer does not hide it.
    private const string BackColumn = "Back";
    private const int MostLost = 20;

    /// <summary>Notes that somebody is in a room.</summary>
    /// <param name="most">How many it may be in.</param>
    /// <returns>10019 no such account, 10037 too many rooms.</returns>
    public Task<Result<BegunListening>> AddAsync(LiveListener who, ListenedRoom room, int most, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return tables.AccountWriter.ApplyAsync<Result<BegunListening>>(who.PartitionKey, view => Add(view, who, room, most, now), cancellation);
    }

    /// <summary>Notes that somebody has left rooms; safe to repeat.</summary>
    /// <param name="leaves">Which ones.</param>
    /// <param name="isLost">Its connections were lost, and it may come back.</param>
    /// <returns>Those that it was in until now.</returns>
    public Task<IReadOnlyList<ListenedRoom>> RemoveAsync(LiveListener who, Func<ListenedRoom, bool> leaves, CancellationToken cancellation, bool isLost = false)
    {
        var (now, attempt) = (time.GetUtcNow(), Guid.NewGuid().ToString("N"));
        return tables.AccountWriter.ApplyAsync<IReadOnlyList<ListenedRoom>>(who.PartitionKey, view => Remove(view, who, leaves, isLost, attempt, now), cancellation);
    }

    /// <summary>Changes rooms as they stand; which are not there stay away.</summary>
    public Task ChangeAsync(LiveListener who, Func<ListenedRoom, ListenedRoom> change, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return tables.AccountWriter.ApplyAsync(who.PartitionKey, view =>
        {
            var rooms = Of(view.Get(RowKey));
            if (rooms.Count > 0)
            {
                view.Put(Next(view.Get(RowKey), [.. rooms.Select(change)], now));
            }

            return rooms.Count;
        }, cancellation);
    }

    /// <summary>The rooms as the table has them; null when there is no row.</summary>
    public async Task<IReadOnlyList<ListenedRoom>?> ReadAsync(LiveListener who, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(who.PartitionKey, RowKey, cancellationToken: cancellation);
        return row.HasValue ? Of(row.Value) : null;
    }

    /// <summary>Deletes a row that has no rooms.</summary>
    public Task DeleteEmptyAsync(LiveListener who, CancellationToken cancellation) => tables.AccountWriter.ApplyAsync(who.PartitionKey, view =>
    {
        if (view.Get(RowKey) is not { } row || Of(row).Count > 0)
        {
            return false;
        }

        view.Delete(RowKey);
        return true;
    }, cancellation);

    private static Result<BegunListening> Add(PartitionView view, LiveListener who, ListenedRoom room, int most, DateTimeOffset now)
    {
        var row = view.Get(RowKey);
        var rooms = Of(row);
        if (rooms.FirstOrDefault(known => known.GroupId == room.GroupId && known.Epoch == room.Epoch) is { } there)
        {
            if (there.Attempt == room.Attempt)
            {
                return new BegunListening(there, IsNew: true, row!.GetString(BackColumn) == room.Attempt);
            }

            var touched = there with { Touches = there.Touches + 1, HeardUntil = room.HeardUntil };
            view.Put(Next(row, [.. rooms.Select(known => known == there ? touched : known)], now));
            return new BegunListening(touched, IsNew: false);
        }

        // One of an earlier room of that name counts no more.
        var others = rooms.Where(known => known.GroupId != room.GroupId).ToList();
        if (others.Count >= most)
        {
            return ApiError.TooManyGroupsOfAccount;
        }

        if (who.Account is not null && !view.ExistsLikely(AccountTable.AccountRow))
        {
            return ApiError.GroupAccountNotFound;
        }

        var lost = LostOf(row);
        var isBack = lost.Remove(NameOf(room));
        var next = Next(row, [.. others, room], now);
        next.SetOrOmit(LostColumn, lost.Count == 0 ? null : string.Join('|', lost));
        next.SetOrOmit(BackColumn, isBack ? room.Attempt : row?.GetString(BackColumn));
        view.Put(next);
        return new BegunListening(room, IsNew: true, isBack);
    }

    private static List<ListenedRoom> Remove(
        PartitionView view, LiveListener who, Func<ListenedRoom, bool> leaves, bool isLost, string attempt, DateTimeOffset now)
    {
        if (view.Get(RowKey) is not { } row)
        {
            return [];
        }

        var parts = row.GetString(LeftColumn)?.Split('|') ?? [];
        if (parts.Length > 0 && parts[0] == attempt)
        {
            return [.. parts.Skip(1).Select(ListenedRoom.Parse)];
        }

        var rooms = Of(row);
        var left = rooms.Where(leaves).ToList();
        if (left.Count == rooms.Count && who.Account is null)
        {
            view.Delete(RowKey);
        }
        else if (left.Count > 0)
        {
            var next = Next(row, [.. rooms.Except(left)], now);
            next[LeftColumn] = string.Join('|', left.Select(room => room.ToString()).Prepend(attempt));
            next.SetOrOmit(LostColumn, isLost ? string.Join('|', LostOf(row).Concat(left.Select(NameOf)).TakeLast(MostLost)) : row.GetString(LostColumn));
            view.Put(next);
        }

        return left;
    }

    private static IReadOnlyList<ListenedRoom> Of(TableEntity? row) =>
        row?.GetString(RoomsColumn) is { Length: > 0 } rooms ? [.. rooms.Split('|').Select(ListenedRoom.Parse)] : [];

    private static List<string> LostOf(TableEntity? row) => [.. (row?.GetString(LostColumn) ?? "").Split('|', StringSplitOptions.RemoveEmptyEntries)];

    private static string NameOf(ListenedRoom room) => string.Create(CultureInfo.InvariantCulture, $"{KeyText.Escape(room.GroupId)},{room.Epoch}");

    private static TableEntity Next(TableEntity? before, IReadOnlyList<ListenedRoom> rooms, DateTimeOffset now)
    {
        var row = before?.Copy() ?? new TableEntity { RowKey = RowKey };
        (row[RoomsColumn], row[SeenColumn]) = (string.Join('|', rooms), now);
        return row;
    }
}
