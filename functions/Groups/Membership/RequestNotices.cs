using Parley.Events;
using Parley.Groups.Live;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>Tells of requests to join: those who may decide, and those who asked.</summary>
public sealed class RequestNotices(GroupStore groups, LiveRooms rooms, AccountEvents events)
{
    /// <summary>Tells of applications the owner and the admins, of invitations the invited.</summary>
    public async Task TellDecidersAsync(GroupKey key, IReadOnlyList<JoinRequest> requests, CancellationToken cancellation)
    {
        var officers = requests.Any(request => request.Kind == JoinRequestKind.Application) ? await ListOfficersAsync(key, cancellation) : [];
        var told = from request in requests
                   let notice = ToNotice(key, request).ToEvent($"{request.Account}:{request.AskedAt}")
                   from account in request.Kind == JoinRequestKind.Invitation ? [request.Account] : officers
                   select (new AccountKey(key.SdkAppId, account), notice);
        await events.AppendAsync(told, cancellation);
    }

    /// <summary>Tells whoever asked what was decided; that an invitation was accepted is seen by the member that came.</summary>
    public async Task TellAskerAsync(GroupKey key, JoinDecision decision, string text, CancellationToken cancellation)
    {
        var row = await groups.ReadAsync(key, JoinRequest.RowKeyOf(decision.Kind, decision.Account), cancellation);
        var inviter = row is null ? "" : JoinRequest.FromRow(row).Inviter;
        GroupNoticeType? type = (decision.Kind, decision.IsAccepted) switch
        {
            (JoinRequestKind.Application, true) => GroupNoticeType.ApplicationAccepted,
            (JoinRequestKind.Application, false) => GroupNoticeType.ApplicationRefused,
            (_, false) when inviter.Length > 0 => GroupNoticeType.InvitationRefused,
            _ => null,
        };
        if (type is { } told)
        {
            var by = decision.Decider.IsAppAdmin ? "" : decision.Decider.Account;
            var asker = new AccountKey(key.SdkAppId, inviter.Length > 0 ? inviter : decision.Account);
            await events.AppendAsync(asker, new GroupNotice(told, key.GroupId, by, decision.Account, text).ToEvent(decision.Attempt), cancellation);
        }
    }

    private static GroupNotice ToNotice(GroupKey key, JoinRequest request) => request.Kind == JoinRequestKind.Invitation
        ? new GroupNotice(GroupNoticeType.Invitation, key.GroupId, request.Inviter, request.Account, request.Text)
        : new GroupNotice(GroupNoticeType.Application, key.GroupId, request.Inviter.Length > 0 ? request.Inviter : request.Account, request.Account, request.Text);

    // The service looks through the group's members, but answers the few that are asked for.
    private async Task<IReadOnlyList<string>> ListOfficersAsync(GroupKey key, CancellationToken cancellation)
    {
        if (await groups.PeekAsync(key, cancellation) is { Traits.IsLive: true } && await rooms.FindAsync(key, cancellation) is { } room)
        {
            return room.Head.Owner.Length == 0 ? room.Admins : [room.Head.Owner, .. room.Admins];
        }

        var officers = new List<string>();
        await foreach (var member in groups.QueryOfficersAsync(key, cancellation))
        {
            officers.Add(member.Account);
        }

        return officers;
    }
}
