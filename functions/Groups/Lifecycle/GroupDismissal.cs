using System.Collections.Concurrent;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Groups.Callbacks;
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
    CallbackStreams streams, GroupCallbacks callbacks, AppDirectory apps, DailyStatistics statistics)
{
    private const int AtOnce = 16;

    // False as long as the callback has to be appended.
    private const string ToldColumn = "Told";

    private static readonly string[] KeyOnly = ["PartitionKey", "RowKey"];

    /// <summary>Dismisses a group; safe to repeat.</summary>
    /// <param name="refuse">Looks whether it may be done, in the transaction that does it.</param>
    /// <param name="by">Who does it, for the members' notices: empty for an administrator of the app, null where there are to be none.</param>
    /// <param name="cause">Whom the callback tells of; null for none.</param>
    /// <returns>Null when it is done; else why not, 10010 when there is none.</returns>
    public async Task<ApiError?> DismissAsync(
        GroupKey key, Func<GroupPartition, GroupHead, ApiError?> refuse, string? by, CallbackCause? cause, CancellationToken cancellation)
    {
        var attempt = Guid.NewGuid().ToString("N");
        var refusal = await groups.ApplyAsync(key, group => Begin(group, refuse, by, cause, attempt), cancellation);
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
        var members = await SettleMembersAsync(key, marker, epoch, cancellation);
        await TellAsync(key, marker, type, members, cancellation);
        var removal = new PartitionRemoval(tables.Groups, tables.GroupWriter, GroupPartition.MarkerRow, CallbackStream.Prefix);
        await removal.DeleteAsync(key.PartitionKey, "", "~", cancellation);
        if (removal.HasKept)
        {
            await streams.AbandonAsync(new CallbackStream(TableNames.Groups, key.PartitionKey), cancellation);
        }

        await list.ReleaseAsync(key.SdkAppId, marker.GetInt64("Number") ?? 0, cancellation);
        await groups.ApplyAsync(key, group => group.TryRemoveMarker(), cancellation);
        return true;
    }

    // A second run of the same attempt finds its own row.
    private static ApiError? Begin(GroupPartition group, Func<GroupPartition, GroupHead, ApiError?> refuse, string? by, CallbackCause? cause, string attempt)
    {
        if (group.Head is not { } head)
        {
            return group.Rows.Get(GroupPartition.MarkerRow)?.GetString("Attempt") == attempt ? null : ApiError.GroupNotFound;
        }

        if (refuse(group, head) is { } refusal)
        {
            return refusal;
        }

        var name = group.Profile.Name;
        group.Rows.Delete(GroupPartition.HeadRow);
        var marker = new TableEntity
        {
            RowKey = GroupPartition.MarkerRow,
            ["Epoch"] = head.Epoch,
            ["Number"] = head.Number,
            ["Type"] = head.Type.ToString(),
            ["At"] = group.Now,
            ["Attempt"] = attempt,
        };
        marker.SetOrOmit("By", by);
        if (cause is not null && CallbackCommands.AfterGroupDismissed.IsOn(cause.App))
        {
            // The callback waits until all members are known; what tells of it is kept here, should the dismissal break off before.
            (marker[ToldColumn], marker["Owner"], marker["Name"]) = (false, head.Owner, name);
            (marker["ClientIp"], marker["Platform"]) = (cause.Origin.ClientIp, cause.Origin.Platform);
        }


        // Of a group that was not active only its owner knew.
        marker.SetOrOmit("OnlyTo", head.IsActive ? null : head.Owner);
        group.Rows.Put(marker);
        return null;
    }

    private async Task<IReadOnlyCollection<string>> SettleMembersAsync(GroupKey key, TableEntity marker, long epoch, CancellationToken cancellation)
    {
        var members = new ConcurrentBag<string>();
        var (by, onlyTo) = (marker.GetString("By"), marker.GetString("OnlyTo"));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(groups.QueryMembersAsync(key, cancellation, KeyOnly), parallel, async (row, token) =>
        {
            var account = new AccountKey(key.SdkAppId, KeyText.Unescape(row.RowKey[GroupMember.Prefix.Length..]));
            members.Add(account.Account);
            if (await memberships.BeginAsync(account, key.GroupId, token) is { } begun)
            {
                var notice = by is null || (onlyTo ?? account.Account) != account.Account ? null : new GroupNotice(GroupNoticeType.Dismissed, key.GroupId, by);
                await settlement.FinishAsync(account, key, begun, epoch, member: null, notice?.ToEvent($"{epoch}"), token);
            }
        });
        return members;
    }

    private async Task TellAsync(GroupKey key, TableEntity marker, GroupType type, IReadOnlyCollection<string> members, CancellationToken cancellation)
    {
        if (marker.GetBoolean(ToldColumn) != false || await apps.FindAsync(key.SdkAppId, cancellation) is not { } app)
        {
            return;
        }

        var origin = new CallOrigin(marker.GetString("ClientIp") ?? "", marker.GetString("Platform") ?? "");
        var callback = callbacks.Begin(new CallbackCause(app, "", origin), CallbackCommands.AfterGroupDismissed);
        var fields = new GroupCallbackFields
        {
            GroupId = key.GroupId,
            Type = type.ToString(),
            OwnerAccount = marker.GetString("Owner"),
            Name = marker.GetString("Name"),
            MemberList = GroupTraits.Of(type).NamesMembersAtEnd ? GroupCallbackFields.Members(members.Order(StringComparer.Ordinal)) : null,
            EventTime = GroupCallbackFields.TimeOf(marker.GetDateTimeOffset("At") ?? default),
        };
        await groups.ApplyAsync(key, group => Tell(group, callback, fields), cancellation);
    }

    private static bool Tell(GroupPartition group, AfterCallback? callback, GroupCallbackFields fields)
    {
        if (group.Rows.Get(GroupPartition.MarkerRow) is not { } marker || marker.GetBoolean(ToldColumn) != false)
        {
            return false;
        }

        var told = marker.Copy();
        told[ToldColumn] = true;
        group.Rows.Put(told);
        callback?.Append(group, fields);
        return true;
    }
}
