using System.Collections.Concurrent;
using Parley.Apps;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>What decides about a live room, as it was a moment ago.</summary>
/// <param name="Admins">Accounts that may do what an admin may.</param>
/// <param name="Mutes">Until when accounts may not speak, Unix seconds.</param>
public sealed record LiveRoom(GroupHead Head, IReadOnlyList<string> Admins, IReadOnlyDictionary<string, long> Mutes)
{
    public GroupRole RoleOf(GroupActor actor) => actor.IsAppAdmin ? GroupRole.AppAdmin
        : Head.Owner == actor.Account ? GroupRole.Owner
        : Admins.Contains(actor.Account) ? GroupRole.Admin
        : GroupRole.NotMember;

    /// <summary>Why a message may not be sent; null when it may.</summary>
    /// <param name="now">Unix seconds.</param>
    public ApiError? FindObjection(OutgoingGroupMessage message, long now)
    {
        var from = message.Message.From;
        if (message.MentionsAll || message.Mentions.Count > 0)
        {
            return ApiError.GroupTypeNotSupported.In("GroupAtInfo");
        }

        var action = message.Message.To.Count > 0 ? GroupAction.SendTargeted : GroupAction.Send;
        var role = RoleOf(message.Caller);
        return GroupRights.Refuse(Head.Type, action, role)
            ?? (Mutes.GetValueOrDefault(from) > now || (Head.MutesAll && role < GroupRole.Admin) ? ApiError.GroupSenderMuted : null);
    }
}

/// <summary>Remembers live rooms for some seconds, so that a message to one reads nothing. What this instance changes it knows at once.</summary>
public sealed class LiveRooms(GroupStore groups, TimeProvider time)
{
    private const int MostRemembered = 10_000;

    /// <summary>A mute or dismissal by another instance is known after this time.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<GroupKey, (LiveRoom? Room, long AsOf)> _known = new();

    /// <summary>The room; null when there is none.</summary>
    public async ValueTask<LiveRoom?> FindAsync(GroupKey key, CancellationToken cancellation)
    {
        if (_known.TryGetValue(key, out var known) && time.GetElapsedTime(known.AsOf) < Freshness)
        {
            return known.Room;
        }

        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        var asOf = time.GetTimestamp();
        var room = await ReadAsync(key, cancellation);
        _known[key] = (room, asOf);
        return room;
    }

    /// <summary>The room has changed.</summary>
    public void Forget(GroupKey key) => _known.TryRemove(key, out _);

    private async Task<LiveRoom?> ReadAsync(GroupKey key, CancellationToken cancellation)
    {
        if (await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            return null;
        }

        var admins = await groups.ApplyAsync(key, group => LiveAdmins.Of(group.Rows), cancellation);
        var mutes = new Dictionary<string, long>(StringComparer.Ordinal);
        if (head.Mutes > 0)
        {
            await foreach (var row in groups.QueryAsync(key, GroupMute.Prefix, "q}", cancellation))
            {
                var mute = GroupMute.FromRow(row);
                mutes[mute.Account] = mute.Until;
            }
        }

        return new LiveRoom(head, admins, mutes);
    }
}
