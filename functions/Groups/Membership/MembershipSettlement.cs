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
/// if nobody wrote the row meanwhile; so the last to settle has seen the last change. The row stays as long as anybody's change is under way.
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
                if (await TryFinishAsync(account, begun, outcome, begun.Attempt, notice, cancellation))
                {
                    return;
                }
            }

            await SettleAsync(account, group, begun.Attempt, notice, cancellation);
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

        return await SettleAsync(account, group, own: null, notice: null, cancellation);
    }

    // An own change is taken off those that are pending; whoever repairs takes off all that it saw.
    private async Task<bool> SettleAsync(AccountKey account, GroupKey group, string? own, AccountEvent? notice, CancellationToken cancellation)
    {
        while (true)
        {
            var row = await memberships.ReadAsync(account, group.GroupId, cancellation);
            var member = await groups.ReadMemberAsync(group, account.Account, cancellation);
            var head = await groups.ReadHeadAsync(group, cancellation);
            member = head is null ? null : member;
            if (row is not null && (own is null || row.UnderWay.Contains(own)))
            {
                var outcome = await HearAsync(account, group, head?.Epoch ?? row.Epoch, member, cancellation);
                if (await TryFinishAsync(account, row, outcome, own, notice, cancellation))
                {
                    return outcome.IsMember;
                }
            }
            else if (own is null || (row is null) == (member is null))
            {
                await (notice is null ? Task.CompletedTask : events.AppendAsync(account, notice, cancellation));
                return member is not null;
            }
            else if (await BeginAnewAsync(account, group, head, member, cancellation) is { } anew)
            {
                own = anew;
            }
        }
    }

    // Somebody took the change for broken off, or removed the row with an end of its own, and the list does not say what the group says. Null when there is nothing to begin, or not any more.
    private async Task<string?> BeginAnewAsync(AccountKey account, GroupKey group, GroupHead? head, GroupMember? member, CancellationToken cancellation)
    {
        if (head is null || member is null)
        {
            return (await memberships.BeginAsync(account, group.GroupId, cancellation))?.Attempt;
        }

        var begun = await memberships.BeginJoinAsync(account, group.GroupId, head.Type, head.Epoch, int.MaxValue, cancellation);
        return begun.TryGet(out var row, out var error) ? row.Attempt : throw new InvalidOperationException($"A member without an account: {error.Info}");
    }

    private async Task<bool> TryFinishAsync(
        AccountKey account, GroupMembership row, MembershipOutcome outcome, string? own, AccountEvent? notice, CancellationToken cancellation)
    {
        var (result, told) = await memberships.TryFinishAsync(account, row, outcome, own, notice, cancellation);
        await events.DeliverAsync(account, told);
        return result == FinishResult.Done;
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
