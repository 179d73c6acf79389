using Parley.Apps;
using Parley.Events;
using Parley.Groups.Callbacks;
using Parley.Groups.Membership;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>Bans accounts from live rooms and lets them in again. A ban is in one order with those who come: who came before it is sent away, who comes after is refused.</summary>
public sealed class LiveBans(GroupStore groups, LiveRooms rooms, LiveAttendance attendance, AccountEvents events, TimeProvider time)
{
    private const int MostRemovedBeside = 40;

    /// <summary>Bans accounts and sends them away; safe to repeat.</summary>
    /// <param name="until">Unix seconds.</param>
    /// <returns>Null when it is done; 10005 more bans than a room may have, 10007, 10010.</returns>
    public async Task<ApiError?> BanAsync(
        GroupKey room, Caller caller, IReadOnlyList<string> accounts, long until, string description, CancellationToken cancellation)
    {
        var actor = GroupActor.Of(caller);
        var over = await FindOverAsync(room, cancellation);
        var bans = accounts.Select(account => new LiveBan(account, until, description)).ToList();
        var banned = await groups.ApplyAsync(room, group => Ban(group, actor, bans, over), CancellationToken.None);
        rooms.Forget(room);
        if (!banned.TryGet(out var epoch, out var error))
        {
            return error;
        }

        var occasion = Guid.NewGuid().ToString("N");
        foreach (var account in accounts.Select(account => new AccountKey(room.SdkAppId, account)))
        {
            await attendance.LeaveAsync(room, epoch, LiveListener.Of(account), LeaveReason.Kick, CallbackCause.Of(caller));
            var notice = new GroupNotice(GroupNoticeType.Kicked, room.GroupId, actor.IsAppAdmin ? "" : actor.Account, account.Account, description.Length > 0 ? description : null);
            await events.AppendAsync(account, notice.ToEvent(occasion), CancellationToken.None);
        }

        return null;
    }

    /// <summary>Ends bans; an account that is not banned is passed over.</summary>
    public async Task<ApiError?> UnbanAsync(GroupKey room, GroupActor actor, IReadOnlyList<string> accounts, CancellationToken cancellation)
    {
        var unbanned = await groups.ApplyAsync(room, group => Unban(group, actor, accounts), cancellation);
        rooms.Forget(room);
        return unbanned.Error;
    }

    private async Task<IReadOnlyList<string>> FindOverAsync(GroupKey room, CancellationToken cancellation)
    {
        var (over, now) = (new List<string>(), time.GetUtcNow().ToUnixTimeSeconds());
        if (await groups.ReadHeadAsync(room, cancellation) is { Bans: > 0 })
        {
            await foreach (var row in groups.QueryAsync(room, LiveBan.Prefix, LiveBan.End, cancellation))
            {
                if (LiveBan.FromRow(row) is { } ban && ban.Until <= now)
                {
                    over.Add(ban.Account);
                }
            }
        }

        return [.. over.Take(MostRemovedBeside)];
    }

    private static Result<long> Ban(GroupPartition group, GroupActor actor, List<LiveBan> bans, IReadOnlyList<string> over)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (group.RefuseChange(head, GroupAction.Ban, actor) is { } refusal)
        {
            return refusal;
        }

        var role = group.ActorRole(head, actor);
        if (bans.Find(ban => group.ActorRole(head, new GroupActor(ban.Account, false)) is var other && other > GroupRole.NotMember && other >= role) is { } higher)
        {
            return ApiError.GroupNotPermitted.In(higher.Account);
        }

        // Those whose time is over give way to new ones.
        var gone = over.Where(account => !bans.Exists(ban => ban.Account == account))
            .Where(account => LiveBan.Find(group.Rows, account) is { } ban && ban.Until <= group.NowSeconds).ToList();
        var added = bans.Count(ban => group.Rows.Get(LiveBan.RowKeyOf(ban.Account)) is null);
        if (head.Bans - gone.Count + added > LiveBan.Most)
        {
            return ApiError.TooManyMembersNamed.In("Members_Account");
        }

        gone.ForEach(account => group.Rows.Delete(LiveBan.RowKeyOf(account)));
        bans.ForEach(ban => group.Rows.Put(ban.ToRow()));
        group.Put(head with { Bans = Math.Max(0, head.Bans - gone.Count) + added });
        return head.Epoch;
    }

    private static Result<bool> Unban(GroupPartition group, GroupActor actor, IReadOnlyList<string> accounts)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (group.RefuseChange(head, GroupAction.Ban, actor) is { } refusal)
        {
            return refusal;
        }

        var banned = accounts.Where(account => LiveBan.Find(group.Rows, account) is not null).ToList();
        if (banned.Count > 0)
        {
            banned.ForEach(account => group.Rows.Delete(LiveBan.RowKeyOf(account)));
            group.Put(head with { Bans = Math.Max(0, head.Bans - banned.Count) });
        }

        return true;
    }
}
