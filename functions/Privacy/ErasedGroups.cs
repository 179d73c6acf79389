using System.Text.Json;
using Azure.Data.Tables;
using Parley.Groups;
using Parley.Groups.Live;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Storage;

namespace Parley.Privacy;

/// <summary>Takes what an account wrote, and is, out of groups. Members' devices hear that the messages were deleted.</summary>
internal sealed class ErasedGroups(GroupStore groups, GroupLeaving leaving, GroupDelivery delivery)
{
    private const int RowsAtOnce = 30;

    private static readonly GroupActor Administrator = new("", IsAppAdmin: true);

    /// <summary>Erases rows of a walk.</summary>
    public async Task<ErasureProgress> EraseAsync(AccountKey account, IReadOnlyList<TableEntity> rows, ErasureProgress progress, CancellationToken cancellation)
    {
        var places = rows.Select(row => (Row: row, Place: GroupKey.OfRow(row.PartitionKey, row.RowKey))).Where(found => found.Place is not null);
        foreach (var group in places.GroupBy(found => found.Place!.Value.Key, found => (found.Row, found.Place!.Value.RowKey)))
        {
            var said = group.Where(found => IsMessage(found.RowKey) && found.Row.GetInt64("Time") <= progress.Until).Select(found => found.Row).ToList();
            progress = progress.Counting("GroupMessages", said.Count(row => row.ContainsKey("MsgBody")));
            await EraseMessagesAsync(group.Key, account.Account, said, cancellation);

            var other = group.Select(found => found.RowKey).Where(row => !IsMessage(row)).ToList();
            await EraseRowsAsync(group.Key, account.Account, other, cancellation);
            progress = progress.Counting("GroupRows", other.Count);
        }

        return progress;
    }

    private static bool IsMessage(string rowKey) => rowKey.StartsWith("m|", StringComparison.Ordinal);

    private async Task EraseMessagesAsync(GroupKey key, string account, List<TableEntity> said, CancellationToken cancellation)
    {
        foreach (var numbers in said.ConvertAll(row => row.GetInt64("Seq") ?? 0).Chunk(RowsAtOnce))
        {
            var attempt = Guid.NewGuid().ToString("N");
            var change = await groups.ApplyAsync(key, group => DeleteGroupMessagesBySender.Delete(group, Administrator, account, numbers, attempt), cancellation);
            if (!change.TryGet(out var told, out var error) && error != key.NotFound)
            {
                throw new InvalidOperationException($"Messages of a group could not be deleted: {error.Info}");
            }

            if (told is not null && await groups.ReadHeadAsync(key, cancellation) is { } head)
            {
                await delivery.SendAsync(key, head.HeardEpoch, told);
            }
        }

        if (said.Count > 0)
        {
            await EraseModificationsAsync(key, [.. said.Select(row => row.GetInt64("Seq") ?? 0)], cancellation);
        }
    }

    // The log of changes tells what a message became.
    private async Task EraseModificationsAsync(GroupKey key, HashSet<long> numbers, CancellationToken cancellation)
    {
        var found = new List<string>();
        await foreach (var row in groups.QueryAsync(key, GroupChange.Prefix, "e}", cancellation))
        {
            var change = GroupChange.FromRow(row);
            if (change.Type == GroupEvent.Modify && EventOf(change).MsgSeqList?.Any(numbers.Contains) == true)
            {
                found.Add(row.RowKey);
            }
        }

        foreach (var some in found.Chunk(RowsAtOnce))
        {
            await groups.ApplyAsync(key, group =>
            {
                foreach (var row in some.Select(group.Rows.Get).OfType<TableEntity>())
                {
                    var change = GroupChange.FromRow(row);
                    group.Rows.Put((change with { Json = (EventOf(change) with { MsgBody = null, CloudCustomData = null }).ToRawJson() }).ToRow());
                }

                return true;
            }, cancellation);
        }
    }

    private static GroupEvent EventOf(GroupChange change) =>
        JsonSerializer.Deserialize(change.Json.Text, ParleyJson.Wire.GroupEvent) ?? throw new JsonException("The change is null.");

    private async Task EraseRowsAsync(GroupKey key, string account, List<string> rows, CancellationToken cancellation)
    {
        var left = key.TopicId is null ? GroupMember.RowKeyOf(account) : null;
        if (left is not null && rows.Contains(left))
        {
            // Deleting the account has made it leave; this one was not in its list.
            await leaving.RemoveAsync(key, [account], new LeaveOptions(LeaveReason.Quit, account, IsSilent: true), cancellation);
        }

        await groups.ApplyAsync(key, group =>
        {
            var (mute, ban) = (GroupMute.RowKeyOf(account), LiveBan.RowKeyOf(account));
            var gone = rows.Where(row => row != left && group.Rows.Get(row) is not null).ToList();
            gone.ForEach(group.Rows.Delete);
            if (group.Head is { } head && (gone.Contains(mute) || gone.Contains(ban)))
            {
                group.Put(head with { Mutes = head.Mutes - (gone.Contains(mute) ? 1 : 0), Bans = head.Bans - (gone.Contains(ban) ? 1 : 0) });
            }

            return true;
        }, cancellation);
    }
}
