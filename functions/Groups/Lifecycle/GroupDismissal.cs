using Azure.Data.Tables;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Groups.Live;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Rest;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Groups.Lifecycle;

/// <summary>
/// Dismisses a group with every row of its partition. First the head gives way to row <c>x</c>: from here on there is no such group and nothing more is accepted. Then the
/// members hear of it, their lists of groups are settled, all rows go, the app's list, row <c>x</c> last. While it is there the dismissal is unfinished; a repeated call,
/// the creation of a group of that name, and the sweep finish it.
/// </summary>
public sealed class GroupDismissal(
    GroupStore groups, TableStore tables, AppGroups list, MembershipTable memberships, MembershipSettlement settlement, GroupDelivery delivery, LiveRooms liveRooms,
    CallbackStreams callbacks, DailyStatistics statistics)
{
    private const int AtOnce = 16;

    private static readonly string[] KeyOnly = ["PartitionKey", "RowKey"];

    /// <summary>Dismisses a group; safe to repeat.</summary>
    /// <param name="refuse">Looks whether it may be done, in the transaction that does it.</param>
    /// <returns>Null when it is done; else why not, 10010 when there is none.</returns>
    public async Task<ApiError?> DismissAsync(GroupKey key, Func<GroupPartition, GroupHead, ApiError?> refuse, CancellationToken cancellation)
    {
        var attempt = Guid.NewGuid().ToString("N");
        var refusal = await groups.ApplyAsync(key, group => Begin(group, refuse, attempt), cancellation);
        liveRooms.Forget(key);
        if (refusal is null)
        {
            statistics.GroupDismissed(key.SdkAppId);
        }

        return refusal is not null && refusal != ApiError.GroupNotFound ? refusal
            : await FinishAsync(key, CancellationToken.None) || refusal is null ? null
            : ApiError.GroupNotFound;
    }

    /// <summary>Finishes a dismissal that was begun.</summary>
    /// <returns>False when there was none.</returns>
    public async Task<bool> FinishAsync(GroupKey key, CancellationToken cancellation)
    {
        if (await groups.ReadAsync(key, GroupPartition.MarkerRow, cancellation) is not { } marker)
        {
            return false;
        }

        var epoch = marker.GetInt64("Epoch") ?? 0;
        var type = Enum.Parse<GroupType>(marker.GetString("Type"));
        await delivery.SendAsync(key, type, epoch, new GroupEvent { Type = GroupEvent.Dismissed, GroupId = key.GroupId, Epoch = epoch });
        await SettleMembersAsync(key, epoch, cancellation);
        var removal = new PartitionRemoval(tables.Groups, tables.GroupWriter, GroupPartition.MarkerRow, CallbackStream.Prefix);
        await removal.DeleteAsync(key.PartitionKey, "", "~", cancellation);
        if (removal.HasKept)
        {
            await callbacks.AbandonAsync(new CallbackStream(TableNames.Groups, key.PartitionKey), cancellation);
        }

        await list.ReleaseAsync(key.SdkAppId, marker.GetInt64("Number") ?? 0, cancellation);
        await groups.ApplyAsync(key, End, cancellation);
        return true;
    }

    // A second run of the same attempt finds its own row.
    private static ApiError? Begin(GroupPartition group, Func<GroupPartition, GroupHead, ApiError?> refuse, string attempt)
    {
        if (group.Head is not { } head)
        {
            return group.Rows.Get(GroupPartition.MarkerRow)?.GetString("Attempt") == attempt ? null : ApiError.GroupNotFound;
        }

        if (refuse(group, head) is { } refusal)
        {
            return refusal;
        }

        group.Rows.Delete(GroupPartition.HeadRow);
        group.Rows.Put(new TableEntity
        {
            RowKey = GroupPartition.MarkerRow,
            ["Epoch"] = head.Epoch,
            ["Number"] = head.Number,
            ["Type"] = head.Type.ToString(),
            ["At"] = group.Now,
            ["Attempt"] = attempt,
        });
        return null;
    }

    private async Task SettleMembersAsync(GroupKey key, long epoch, CancellationToken cancellation)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(groups.QueryMembersAsync(key, cancellation, KeyOnly), parallel, async (row, token) =>
        {
            var account = new AccountKey(key.SdkAppId, KeyText.Unescape(row.RowKey[GroupMember.Prefix.Length..]));
            if (await memberships.BeginAsync(account, key.GroupId, token) is { } begun)
            {
                await settlement.FinishAsync(account, key, begun, epoch, member: null, notice: null, token);
            }
        });
    }

    private static bool End(GroupPartition group)
    {
        if (group.Rows.Get(GroupPartition.MarkerRow) is null)
        {
            return false;
        }

        group.Rows.Delete(GroupPartition.MarkerRow);
        return true;
    }
}
