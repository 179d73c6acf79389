using Parley.Apps;
using Parley.Callbacks;
using Parley.Delivery;
using Parley.Groups.Callbacks;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>
/// Lets accounts and guests into live rooms and out again. First it is noted with the account (<see cref="ListenedRoomTable"/>), then the room counts it
/// (<see cref="RoomAttendance"/>), then SignalR has the devices hear the room, or no longer. Everything is safe to repeat.
/// </summary>
/// <remarks>
/// The room's transaction writes its head, so who comes or goes is in one order with bans and with the room's end. What SignalR is told is compared with the account's row afterwards:
/// the last of those who came and went at once leaves it as the row says.
/// </remarks>
public sealed class LiveAttendance(
    GroupStore groups, ListenedRoomTable listened, LiveRooms rooms, LiveTips tips, SignalRClient signalR, AppDirectory apps, GroupCallbacks callbacks, TimeProvider time)
{
    /// <summary>How long SignalR lets an account's devices hear a room before it must be told again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    /// <summary>Lets somebody in.</summary>
    /// <param name="head">The room as it was read just now.</param>
    /// <returns>Null when it is in, as before or anew; 10007 banned or the room takes nobody, 10010 the room has gone, 10019 no such account, 10037 in too many rooms.</returns>
    public async Task<ApiError?> JoinAsync(CallbackCause cause, GroupKey room, GroupHead head, LiveListener who, CancellationToken cancellation)
    {
        if (head.Applying == JoinOption.DisableApply)
        {
            return ApiError.GroupNotPermitted.In("ApplyJoinOption");
        }

        // Everybody hears a BChatRoom, whoever is connected.
        if (!head.Traits.IsEntered)
        {
            return null;
        }

        // Nobody can answer a guest.
        if (who.Account is null && head.Applying == JoinOption.NeedPermission)
        {
            return ApiError.GroupNotPermitted.In("ApplyJoinOption");
        }

        if (who.Account is { } account && await rooms.FindAsync(room, cancellation) is { } known && known.IsBanned(account, time.GetUtcNow().ToUnixTimeSeconds()))
        {
            return ApiError.BannedFromRoom;
        }

        var asked = new ListenedRoom(room.GroupId, head.Epoch, Guid.NewGuid().ToString("N"), 0, (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        // A caller that leaves does not stop what has begun.
        var added = await AddAsync(cause.App, who, asked, CancellationToken.None);
        return added.TryGet(out var begun, out var error) ? await EnterAsync(cause, room, who, begun) : error;
    }

    /// <summary>Lets somebody out who asks for it; nothing happens when it is not in.</summary>
    /// <param name="cause">Whom the callback tells of.</param>
    public async Task LeaveAsync(GroupKey room, long epoch, LiveListener who, LeaveReason reason, CallbackCause cause)
    {
        var left = await listened.RemoveAsync(who, known => known.GroupId == room.GroupId, CancellationToken.None);
        await FinishLeavingAsync(who, left, reason, cause);
        if (left.Count == 0)
        {
            // SignalR may not have heard of it the last time.
            await HearAsync(who, room, epoch, mustHear: false);
        }
    }

    /// <summary>Lets somebody out of rooms who has gone, if nothing has happened to them since they were read.</summary>
    /// <param name="isLost">Its connections were lost, and it may come back.</param>
    public async Task LeaveAsync(LiveListener who, IReadOnlyList<ListenedRoom> seen, bool isLost)
    {
        var left = await listened.RemoveAsync(who, known => seen.Any(known.IsSameAs), CancellationToken.None, isLost);
        var app = isLost && who.Account is not null && left.Count > 0 ? await apps.FindAsync(who.SdkAppId, CancellationToken.None) : null;
        await FinishLeavingAsync(who, left, reason: null, app is null ? null : CallbackCause.OfNobody(app));
    }

    /// <summary>Has the devices of somebody who is in hear the room for another while.</summary>
    public async Task RenewAsync(LiveListener who, ListenedRoom room, CancellationToken cancellation)
    {
        var until = (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds();
        await listened.ChangeAsync(who, known => known.Attempt == room.Attempt ? known with { HeardUntil = until } : known, cancellation);
        await HearAsync(who, new GroupKey(who.SdkAppId, room.GroupId), room.Epoch, mustHear: true);
    }

    // Rooms that have gone since give way, but are looked for only when there is no place left.
    private async Task<Result<BegunListening>> AddAsync(App app, LiveListener who, ListenedRoom asked, CancellationToken cancellation)
    {
        var added = await listened.AddAsync(who, asked, app.MaxLiveRoomsOfAccount, cancellation);
        if (added.Error != ApiError.TooManyGroupsOfAccount)
        {
            return added;
        }

        var gone = new List<ListenedRoom>();
        foreach (var room in await listened.ReadAsync(who, cancellation) ?? [])
        {
            if ((await groups.ReadHeadAsync(new GroupKey(who.SdkAppId, room.GroupId), cancellation))?.Epoch != room.Epoch)
            {
                gone.Add(room);
            }
        }

        await listened.RemoveAsync(who, known => gone.Any(known.IsSameAs), cancellation);
        return gone.Count == 0 ? added : await listened.AddAsync(who, asked, app.MaxLiveRoomsOfAccount, cancellation);
    }

    private async Task<ApiError?> EnterAsync(CallbackCause cause, GroupKey room, LiveListener who, BegunListening begun)
    {
        var entered = begun.Room;
        var callback = callbacks.Begin(
            who.Account is null ? null : cause, begun.IsBack ? CallbackCommands.LiveMemberStateChange : CallbackCommands.AfterMembersJoin);
        if (begun.IsNew && await groups.ApplyAsync(room, group => RoomCounting.Enter(group, who, begun, callback), CancellationToken.None) is { } refusal)
        {
            var undone = await listened.RemoveAsync(who, known => known.Attempt == entered.Attempt, CancellationToken.None);
            if (undone.Count == 0)
            {
                // Another call let it out meanwhile, and so counted out one whom the room had not counted in.
                await groups.ApplyAsync(room, group => RoomCounting.CountBack(group, entered), CancellationToken.None);
            }

            return refusal;
        }

        if (!await HearAsync(who, room, entered.Epoch, mustHear: true))
        {
            // A guest that has gone already.
            await LeaveAsync(who, [entered], isLost: false);
            return null;
        }

        if (begun.IsNew && who.Account is { } account)
        {
            tips.Add(room, entered.Epoch, TipKindOfChange.Join, account);
        }

        return null;
    }

    /// <param name="reason">Null where the connections were lost, or the account has gone.</param>
    /// <param name="cause">Whom the callback tells of; null for none.</param>
    private async Task FinishLeavingAsync(LiveListener who, IReadOnlyList<ListenedRoom> left, LeaveReason? reason, CallbackCause? cause)
    {
        foreach (var room in left)
        {
            var (key, attempt) = (new GroupKey(who.SdkAppId, room.GroupId), Guid.NewGuid().ToString("N"));
            var callback = callbacks.Begin(
                who.Account is null ? null : cause, reason is null ? CallbackCommands.LiveMemberStateChange : CallbackCommands.AfterMembersLeave);
            var isThere = await groups.ApplyAsync(key, group => RoomCounting.Leave(group, who, room, attempt, Tell), CancellationToken.None);
            await HearAsync(who, key, room.Epoch, mustHear: false);
            if (isThere && who.Account is { } account)
            {
                tips.Add(key, room.Epoch, (TipKindOfChange)(reason ?? LeaveReason.Quit), account);
            }

            void Tell(GroupPartition group, GroupHead head) => callback?.Append(group, reason is { } why
                ? GroupLeaving.ExitFields(key, head, [who.Account!], why, cause!, group.Now)
                : RoomCounting.StateFields(group, head, who.Account!, "Offline"));
        }
    }

    /// <summary>Tells SignalR, and again as long as the account's row says something else.</summary>
    /// <returns>False for a guest whose connection is closed.</returns>
    private async Task<bool> HearAsync(LiveListener who, GroupKey room, long epoch, bool mustHear)
    {
        var group = room.SignalRGroup(epoch);
        if (who.Account is null)
        {
            if (mustHear)
            {
                return await signalR.AddConnectionToGroupAsync(who.SdkAppId, who.ConnectionId, group, CancellationToken.None);
            }

            await signalR.RemoveConnectionFromGroupAsync(who.SdkAppId, who.ConnectionId, group, CancellationToken.None);
            return true;
        }

        while (true)
        {
            await (mustHear
                ? signalR.AddToGroupAsync(who.Key, group, Lifetime, CancellationToken.None)
                : signalR.RemoveFromGroupAsync(who.Key, group, CancellationToken.None));
            var isIn = (await listened.ReadAsync(who, CancellationToken.None) ?? []).Any(known => known.GroupId == room.GroupId && known.Epoch == epoch);
            if (isIn == mustHear)
            {
                return true;
            }

            mustHear = isIn;
        }
    }
}
