using Azure.Data.Tables;
using Parley.Groups;
using Parley.Groups.Live;
using Parley.Groups.Messages;
using Parley.Storage;

namespace Parley.Archives;

/// <summary>Puts the log of a group or topic right, with its head and what its members have read of it.</summary>
/// <remarks>The head was read before messages and members, and after the log of changes.</remarks>
public sealed class GroupLogMending(GroupStore groups)
{
    private static readonly string[] MessageColumns =
    [
        "PartitionKey", "RowKey", "Seq", "Time", "Identity", GroupMessage.FromColumn, GroupMessage.CountsColumn, GroupMessage.CountedColumn, GroupMessage.RecalledColumn,
        GroupMessage.DeletedColumn, GroupMessage.ReadersColumn,
    ];

    public async Task MendAsync(GroupKey key, GroupHead head, CancellationToken cancellation)
    {
        await CutAsync(key, head, cancellation);
        var rows = await groups.ListAsync(key, "m|", "m}", cancellation, MessageColumns);
        var messages = rows.ConvertAll(GroupMessage.FromRow);
        await MendHeadAsync(key, rows.FirstOrDefault(), messages, cancellation);
        await MendMembersAsync(key, messages, cancellation);
        await MendReceiptsAsync(key, messages, cancellation);
    }

    private async Task CutAsync(GroupKey key, GroupHead head, CancellationToken cancellation)
    {
        var rows = GroupPartition.Messages;
        var beyond = await groups.ListAsync(key, rows.Entry(head.LastSeq + 1), "m}", cancellation);
        foreach (var some in beyond.OrderByDescending(row => row.RowKey).Chunk(MendedRows.AtOnce))
        {
            await groups.ApplyAsync(key, group =>
            {
                foreach (var row in some)
                {
                    Timeline.Withdraw(group.Rows, rows, row);
                }

                return true;
            }, cancellation);
        }

        foreach (var prefix in (string[])[GroupReceipt.Prefix, GroupExtensions.Prefix])
        {
            await groups.DropAsync(key, await groups.ListAsync(key, prefix + KeyText.Sequence(head.LastSeq + 1), $"{prefix[..^1]}}}", cancellation, AppRows.Keys), cancellation);
        }

        await groups.DropAsync(key, await groups.ListAsync(key, GroupChange.RowKeyOf(head.ChangeSeq + 1), "e}", cancellation, AppRows.Keys), cancellation);
    }

    private async Task MendHeadAsync(GroupKey key, TableEntity? oldest, List<GroupMessage> messages, CancellationToken cancellation)
    {
        var members = (await groups.ListAsync(key, GroupMember.Prefix, "u}", cancellation, AppRows.Keys)).Select(row => KeyText.Unescape(row.RowKey[GroupMember.Prefix.Length..])).ToHashSet();
        var mutes = (await groups.ListAsync(key, GroupMute.Prefix, $"{GroupMute.Prefix[..^1]}}}", cancellation, AppRows.Keys)).Count;
        var bans = (await groups.ListAsync(key, LiveBan.Prefix, $"{LiveBan.Prefix[..^1]}}}", cancellation, AppRows.Keys)).Count;
        var changes = await groups.ListAsync(key, GroupChange.Prefix, "e}", cancellation, AppRows.Keys);
        var (firstChange, lastChange) = changes.Count == 0 ? (0, 0) : (NumberOf(changes[0]), NumberOf(changes[^1]));
        await groups.ApplyAsync(key, group =>
        {
            var head = group.Head!;
            var gone = messages.Where(message => message is { Counts: true } && (message.IsRecalled || message.IsDeleted)).Select(message => message.Seq);
            var changeSeq = lastChange == 0 ? head.ChangeSeq : Math.Min(head.ChangeSeq, lastChange);
            group.Put((head with
            {
                Members = head.Traits.IsLive ? head.Members : members.Count,
                Owner = head.Traits.IsLive || members.Contains(head.Owner) ? head.Owner : "",
                Mutes = mutes,
                Bans = bans,
                ChangeSeq = changeSeq,
                FirstChangeSeq = lastChange == 0 ? changeSeq + 1 : firstChange,
                MentionsOfAll = [.. head.MentionsOfAll.Where(number => number <= head.LastSeq)],
            }).WithRecalled(gone));
            var row = group.Rows.Get(GroupPartition.HeadRow)!.Copy();
            Timeline.BeginWith(row, oldest);
            group.Rows.Put(row);
            return true;
        }, cancellation);
    }

    private static long NumberOf(TableEntity change) => long.Parse(change.RowKey[GroupChange.Prefix.Length..], System.Globalization.CultureInfo.InvariantCulture);

    private async Task MendMembersAsync(GroupKey key, List<GroupMessage> messages, CancellationToken cancellation)
    {
        var counted = messages.Where(message => message is { Counts: true, IsRecalled: false, IsDeleted: false }).ToLookup(message => message.From, message => message.Seq);
        var members = await groups.ListAsync(key, GroupMember.Prefix, "u}", cancellation);
        foreach (var some in members.ConvertAll(row => GroupMember.FromRow(row).Account).Chunk(MendedRows.AtOnce))
        {
            await groups.ApplyAsync(key, group =>
            {
                foreach (var member in some.Select(group.FindMember).OfType<GroupMember>())
                {
                    var mended = Mend(member, group.Head!, counted[member.Account]);
                    if (!RowText.Same(mended.ToRow(), member.ToRow()))
                    {
                        group.Put(mended);
                    }
                }

                return true;
            }, cancellation);
        }
    }

    private static GroupMember Mend(GroupMember member, GroupHead head, IEnumerable<long> counted)
    {
        var isAhead = member.ReadSeq > head.LastSeq;
        var read = isAhead ? head.LastSeq : member.ReadSeq;
        var from = Math.Max(read, head.BaseSeq);
        var own = counted.Where(number => number > from).ToList();
        var lastOwn = Math.Max(own.DefaultIfEmpty().Max(), member.LastOwnSeq <= head.LastSeq ? member.LastOwnSeq : read);
        return member with
        {
            ReadSeq = read,
            ReadCounted = isAhead ? head.Counted : member.ReadCounted,
            OwnCounted = lastOwn > from ? own.Count : member.OwnCounted,
            LastOwnSeq = lastOwn,
            JoinSeq = Math.Min(member.JoinSeq, head.LastSeq),
            ClearedSeq = Math.Min(member.ClearedSeq, head.LastSeq),
            Mentions = [.. member.Mentions.Where(number => number <= head.LastSeq)],
        };
    }

    private async Task MendReceiptsAsync(GroupKey key, List<GroupMessage> messages, CancellationToken cancellation)
    {
        var receipts = (await groups.ListAsync(key, GroupReceipt.Prefix, "r}", cancellation, AppRows.Keys)).ToLookup(row => row.RowKey.Split('|')[1]);
        foreach (var message in messages)
        {
            var readers = receipts[KeyText.Sequence(message.Seq)].Count();
            if (readers == message.Readers)
            {
                continue;
            }

            await groups.ApplyAsync(key, group =>
            {
                if (group.Rows.Get(GroupPartition.Messages.Entry(message.Seq)) is { } row)
                {
                    var next = row.Copy();
                    next[GroupMessage.ReadersColumn] = readers;
                    group.Rows.Put(next);
                }

                return true;
            }, cancellation);
        }
    }
}
