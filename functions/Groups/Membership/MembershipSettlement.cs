using Parley.Delivery;
using Parley.Events;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>
/// Brings what follows from a membership in line with the group's own row of the member: whether the account's devices hear the group, and the account's list of groups.
/// </summary>
/// <remarks>
/// Each change of a membership is noted in the account's row first (<see cref="MembershipTable"/>), so what breaks off anywhere is found there, by whoever looks next: a device
/// that connects, a list of groups, a synchronisation, the sweep. While others are at it too, everyone settles by what the group says after the row was read, and only
/// if nobody wrote the row meanwhile; so the last to settle has seen the last change.
/// </remarks>
public sealed partial class MembershipSettlement(
    GroupStore groups, MembershipTable memberships, AccountEvents events, SignalRClient signalR, TimeProvider time, ILogger<MembershipSettlement> logger)
{
    /// <summary>How long devices hear a group before it must be renewed.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>Renewed when a device connects and less than this is left.</summary>
    private static readonly TimeSpan RenewWithin = TimeSpan.FromDays(10);

    /// <summary>Ends a change that the caller has begun and carried out.</summary>
    /// <param name="begun">The row as it was begun.</param>
    /// <param name="member">The member as the caller's own transaction left it; null when it is none.</param>
    /// <param name="notice">An event that the account gets in the same transaction.</param>
    public async Task FinishAsync(
        AccountKey account, GroupKey group, GroupMembership begun, long epoch, GroupMember? member, AccountEvent? notice, CancellationToken cancellation)
    {
        try
        {
            if (begun.Pending == 1)
            {
                var outcome = await HearAsync(account, group, epoch, member, cancellation);
                if (await TryFinishAsync(account, begun, outcome, 0, notice, cancellation))
                {
                    return;
                }
            }

            await SettleAsync(account, group, isOwn: true, notice, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            NotHeard(logger, e.Message);
        }
    }

    /// <summary>Looks after a membership that somebody came upon: finishes what has broken off, has devices hear the group for longer.</summary>
    /// <param name="mustHear">Renew in any case: the service has forgotten.</param>
    /// <returns>Whether the account is a member.</returns>
    public async Task<bool> LookAfterAsync(AccountKey account, GroupKey group, GroupMembership row, bool mustHear, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var isAging = row.HearsUntil > 0 && DateTimeOffset.FromUnixTimeSeconds(row.HearsUntil) - now < RenewWithin;
        if (row.Pending == 0 && !isAging && !mustHear)
        {
            return true;
        }

        if (row.Pending > 0 && !row.IsBroken(now.ToUnixTimeSeconds()))
        {
            return await groups.ReadMemberAsync(group, account.Account, cancellation) is not null
                && await groups.ReadHeadAsync(group, cancellation) is not null;
        }

        return await SettleAsync(account, group, isOwn: false, notice: null, cancellation);
    }

    // An own change is taken off those that are pending; whoever repairs takes off all that it saw.
    private async Task<bool> SettleAsync(AccountKey account, GroupKey group, bool isOwn, AccountEvent? notice, CancellationToken cancellation)
    {
        while (await memberships.ReadAsync(account, group.GroupId, cancellation) is { } row)
        {
            var reading = groups.ReadHeadAsync(group, cancellation);
            var member = await groups.ReadMemberAsync(group, account.Account, cancellation);
            var head = await reading;
            var outcome = await HearAsync(account, group, head?.Epoch ?? row.Epoch, head is null ? null : member, cancellation);
            var pending = isOwn ? Math.Max(0, row.Pending - 1) : 0;
            if (await TryFinishAsync(account, row, outcome, pending, notice, cancellation))
            {
                return outcome.IsMember;
            }
        }

        return false;
    }

    private async Task<bool> TryFinishAsync(
        AccountKey account, GroupMembership row, MembershipOutcome outcome, int pending, AccountEvent? notice, CancellationToken cancellation)
    {
        var (isDone, told) = await memberships.TryFinishAsync(account, row, outcome, pending, notice, cancellation);
        await events.DeliverAsync(account, told);
        return isDone;
    }

    private async Task<MembershipOutcome> HearAsync(AccountKey account, GroupKey group, long epoch, GroupMember? member, CancellationToken cancellation)
    {
        if (member is null || member.Receive == ReceiveOption.Discard)
        {
            await signalR.RemoveFromGroupAsync(account, group.SignalRGroup(epoch), cancellation);
            return new MembershipOutcome(member is not null, epoch, member?.JoinTime ?? 0, 0);
        }

        await signalR.AddToGroupAsync(account, group.SignalRGroup(epoch), Lifetime, cancellation);
        return new MembershipOutcome(true, epoch, member.JoinTime, (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
    }

    [LoggerMessage(EventId = 8010, Level = LogLevel.Warning, Message = "SignalR could not be told of a membership; the next connection or list tells it: {Reason}")]
    private static partial void NotHeard(ILogger logger, string reason);
}
