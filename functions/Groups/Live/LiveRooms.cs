using System.Collections.Concurrent;
using Parley.Apps;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>What decides about a live room, as it was a moment ago.</summary>
/// <param name="Admins">Accounts that may do what an admin may.</param>
/// <param name="Mutes">Until when accounts may not speak, Unix seconds.</param>
/// <param name="Bans">Until when accounts may neither be in the room nor speak, Unix seconds.</param>
public sealed record LiveRoom(
    GroupHead Head, IReadOnlyList<string> Admins, IReadOnlyDictionary<string, long> Mutes, IReadOnlyDictionary<string, long> Bans)
{
    /// <param name="now">Unix seconds.</param>
    public bool IsBanned(string account, long now) => Bans.GetValueOrDefault(account) > now;

    public GroupRole RoleOf(GroupActor actor) => actor.IsAppAdmin ? GroupRole.AppAdmin
        : Head.Owner == actor.Account ? GroupRole.Owner
        : Admins.Contains(actor.Account) ? GroupRole.Admin
        : GroupRole.NotMember;

    /// <summary>Why a message may not be sent; null when it may.</summary>
    /// <param name="now">Unix seconds.</param>
    public ApiError? FindObjection(OutgoingGroupMessage message, long now)
    {
        var from = message.Message.From;
        if (message.MentionsAll)
        {
            return ApiError.GroupTypeNotSupported.In("GroupAtInfo");
        }

        var action = message.Message.To.Count > 0 ? GroupAction.SendTargeted : GroupAction.Send;
        var role = RoleOf(message.Caller);
        return GroupRights.Refuse(Head.Type, action, role)
            ?? (IsBanned(from, now) || Mutes.GetValueOrDefault(from) > now || (Head.MutesAll && role < GroupRole.Admin) ? ApiError.GroupSenderMuted : null);
    }
}

/// <summary>Remembers live rooms for some seconds, so that a message to one reads nothing. What this instance changes it knows at once.</summary>
/// <remarks>One call refreshes a room, and those that come meanwhile go on with what is known.</remarks>
public sealed class LiveRooms(GroupStore groups, TimeProvider time)
{
    private const int MostRemembered = 10_000;

    /// <summary>A mute, ban or dismissal by another instance is known after this time.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<GroupKey, (LiveRoom Room, long AsOf)> _known = new();
    private long _changes;

    /// <summary>The room; null when there is none.</summary>
    public async ValueTask<LiveRoom?> FindAsync(GroupKey key, CancellationToken cancellation)
    {
        var isKnown = _known.TryGetValue(key, out var known);
        if (isKnown && (time.GetElapsedTime(known.AsOf) < Freshness || !_known.TryUpdate(key, (known.Room, time.GetTimestamp()), known)))
        {
            return known.Room;
        }

        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        try
        {
            return await RefreshAsync(key, cancellation);
        }
        catch
        {
            _known.TryRemove(key, out _);
            throw;
        }
    }

    /// <summary>The room, if somebody may do something there.</summary>
    /// <returns>10010 when there is none; 10007, or what the type says.</returns>
    public async ValueTask<Result<LiveRoom>> FindAsync(GroupKey key, GroupAction action, GroupActor actor, CancellationToken cancellation) =>
        await FindAsync(key, cancellation) is not { } room ? ApiError.GroupNotFound
        : GroupRights.Refuse(room.Head.Type, action, room.RoleOf(actor)) is { } refusal ? refusal
        : room;

    /// <summary>The room has changed.</summary>
    public void Forget(GroupKey key)
    {
        Interlocked.Increment(ref _changes);
        _known.TryRemove(key, out _);
    }

    private async Task<LiveRoom?> RefreshAsync(GroupKey key, CancellationToken cancellation)
    {
        var (asOf, changes) = (time.GetTimestamp(), Interlocked.Read(ref _changes));
        if (await ReadAsync(key, cancellation) is not { } room)
        {
            _known.TryRemove(key, out _);
            return null;
        }

        // Was something changed here while it was read, it may have been read before that.
        _known[key] = (room, asOf);
        if (Interlocked.Read(ref _changes) != changes)
        {
            _known.TryRemove(key, out _);
        }

        return room;
    }

    private async Task<LiveRoom?> ReadAsync(GroupKey key, CancellationToken cancellation)
    {
        var (head, admins) = await groups.ApplyAsync(key, group => (group.Head, LiveAdmins.Of(group.Rows)), cancellation);
        if (head is null)
        {
            return null;
        }

        var mutes = new Dictionary<string, long>(StringComparer.Ordinal);
        if (head.Mutes > 0)
        {
            await foreach (var row in groups.QueryAsync(key, GroupMute.Prefix, "q}", cancellation))
            {
                var mute = GroupMute.FromRow(row);
                mutes[mute.Account] = mute.Until;
            }
        }

        var bans = new Dictionary<string, long>(StringComparer.Ordinal);
        if (head.Bans > 0)
        {
            await foreach (var row in groups.QueryAsync(key, LiveBan.Prefix, LiveBan.End, cancellation))
            {
                var ban = LiveBan.FromRow(row);
                bans[ban.Account] = ban.Until;
            }
        }

        return new LiveRoom(head, admins, mutes, bans);
    }
}
