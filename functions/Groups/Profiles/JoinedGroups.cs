using Parley.Apps;
using Parley.Groups.Live;
using Parley.Groups.Membership;
using Parley.Storage;

namespace Parley.Groups.Profiles;

/// <summary>The groups that an account is in, as it sees them.</summary>
public sealed class JoinedGroups(MembershipTable memberships, MembershipSettlement settlement, ListenedRoomTable listened, GroupStore groups)
{
    private const int AtOnce = 16;

    /// <summary>Lists them, the oldest membership first. What is in doubt is looked up, what broke off is settled.</summary>
    /// <param name="type">Null for all.</param>
    /// <param name="withInactive">Also Private groups that nobody has written to, of other owners.</param>
    public async Task<IReadOnlyList<GroupMembership>> ListAsync(AccountKey account, GroupType? type, bool withInactive, CancellationToken cancellation)
    {
        var all = (await memberships.ListAsync(account, cancellation)).Where(row => type is null || row.Type == type).ToList();
        var isShown = new bool[all.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, all.Count), parallel, async (i, token) =>
            isShown[i] = await IsMemberAsync(account, all[i], token) && (withInactive || await IsSeenAsync(account, all[i], token)));
        return [.. all.Where((_, i) => isShown[i]).OrderBy(row => row.JoinTime).ThenBy(row => row.GroupId, StringComparer.Ordinal)];
    }

    /// <summary>Lists the live rooms that it is in.</summary>
    /// <param name="type">Null for all.</param>
    public async Task<IReadOnlyList<GroupMembership>> ListLiveAsync(AccountKey account, GroupType? type, CancellationToken cancellation)
    {
        var found = new List<GroupMembership>();
        foreach (var room in await listened.ReadAsync(LiveListener.Of(account), cancellation) ?? [])
        {
            var head = await groups.ReadHeadAsync(new GroupKey(account.SdkAppId, room.GroupId), cancellation);
            if (head?.Epoch == room.Epoch && (type is null || head.Type == type))
            {
                found.Add(new GroupMembership { GroupId = room.GroupId, Type = head.Type, Epoch = head.Epoch });
            }
        }

        return found;
    }

    private async ValueTask<bool> IsMemberAsync(AccountKey account, GroupMembership row, CancellationToken cancellation) =>
        row.Pending == 0
        || await settlement.LookAfterAsync(account, new GroupKey(account.SdkAppId, row.GroupId), row, mustHear: false, cancellation);

    // A group that was active once stays so; only what is remembered as inactive is asked for.
    private async ValueTask<bool> IsSeenAsync(AccountKey account, GroupMembership row, CancellationToken cancellation)
    {
        if (!GroupTraits.Of(row.Type).NeedsMessage)
        {
            return true;
        }

        var key = new GroupKey(account.SdkAppId, row.GroupId);
        return await groups.PeekAsync(key, cancellation) is { IsActive: true } known && known.Epoch == row.Epoch
            || (await groups.ReadHeadAsync(key, cancellation) is { } head && (head.IsActive || head.Owner == account.Account));
    }
}
