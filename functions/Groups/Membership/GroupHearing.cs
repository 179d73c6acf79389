using Parley.Connections;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>
/// Sees to it that the devices of an account hear its groups whenever one connects: finishes changes that broke off, renews what comes to its end, and asks the
/// SignalR service about one of the groups; if the service has forgotten that, all are told to it anew.
/// </summary>
/// <remarks>Costs one query and one call to SignalR per connection.</remarks>
public sealed class GroupHearing(MembershipTable memberships, MembershipSettlement settlement, SignalRClient signalR) : IConnectionWatcher
{
    private const int AtOnce = 16;

    public async Task ConnectedAsync(AccountKey account, CancellationToken cancellation)
    {
        var rows = await memberships.ListAsync(account, cancellation);
        var heard = rows.Where(row => row.HearsUntil > 0 && row.Pending == 0).ToList();
        var mustHear = heard.Count > 0 && !await IsHeardAsync(account, heard[Random.Shared.Next(heard.Count)], cancellation);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(rows, parallel, async (row, token) =>
            await settlement.LookAfterAsync(account, new GroupKey(account.SdkAppId, row.GroupId), row, mustHear && row.HearsUntil > 0, token));
    }

    public Task DisconnectedAsync(AccountKey account, CancellationToken cancellation) => Task.CompletedTask;

    private Task<bool> IsHeardAsync(AccountKey account, GroupMembership row, CancellationToken cancellation) =>
        signalR.IsInGroupAsync(account, new GroupKey(account.SdkAppId, row.GroupId).SignalRGroup(row.Epoch), cancellation);
}
