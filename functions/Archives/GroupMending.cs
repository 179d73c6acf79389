using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Groups;
using Parley.Groups.Live;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Groups.Topics;
using Parley.Storage;

namespace Parley.Archives;

/// <summary>Puts the partition of a group right; see <see cref="ArchiveMending"/>.</summary>
/// <remarks>The head was read before messages and members, and after the log of changes.</remarks>
public sealed class GroupMending(GroupStore groups, TableStore tables)
{
    private const int RowsAtOnce = 40;

    /// <summary>How far clocks may be apart.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    private static readonly string[] MessageColumns =
    [
        "PartitionKey", "RowKey", "Seq", "Time", "Identity", GroupMessage.FromColumn, GroupMessage.CountsColumn, GroupMessage.CountedColumn, GroupMessage.RecalledColumn,
        GroupMessage.DeletedColumn, GroupMessage.ReadersColumn,
    ];

    private static readonly string[] KeyOnly = ["PartitionKey", "RowKey"];

    public async Task MendAsync(GroupKey key, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        if (await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            await DropHeadlessAsync(key, cancellation);
            return;
        }

        await DropStrangersAsync(key, startedAt, cancellation);
        await MendLogAsync(key, head, cancellation);
        await MendTopicsAsync(key, cancellation);
    }

    private async Task MendLogAsync(GroupKey key, GroupHead head, CancellationToken cancellation)
    {
        await CutAsync(key, head, cancellation);
        var rows = await ListAsync(key, "m|", "m}", cancellation, MessageColumns);
        var messages = rows.ConvertAll(GroupMessage.FromRow);
        await MendHeadAsync(key, rows.FirstOrDefault(), messages, cancellation);
        await MendMembersAsync(key, messages, cancellation);
        await MendReceiptsAsync(key, messages, cancellation);
    }

    // What the community's list says of its topics may be of another moment than they are.
    private async Task MendTopicsAsync(GroupKey community, CancellationToken cancellation)
    {
        var rows = await ListAsync(community, GroupKey.TopicPrefix, "t}", cancellation, KeyOnly);
        var names = new List<string>();
        foreach (var topic in rows.Select(row => GroupKey.OfRow(community.PartitionKey, row.RowKey)!.Value.Key).Distinct())
        {
            if (await groups.ReadHeadAsync(topic, cancellation) is { } head)
            {
                names.Add(TopicList.NameOf(topic));
                await MendLogAsync(topic, head, cancellation);
            }
            else
            {
                await DropHeadlessAsync(topic, cancellation);
            }
        }

        await groups.ApplyAsync(community, group =>
        {
            var list = TopicList.Of(group);
            var mended = new TopicList([.. list.Names.Where(names.Contains), .. names.Except(list.Names)]);
            if (!mended.Names.SequenceEqual(list.Names))
            {
                mended.WriteTo(group);
            }

            return true;
        }, cancellation);
    }

    // A group that is being dismissed has a marker instead, and goes on being dismissed; one that was created meanwhile is left out.
    private async Task DropHeadlessAsync(GroupKey key, CancellationToken cancellation)
    {
        if (await groups.ReadAsync(key, GroupPartition.MarkerRow, cancellation) is null)
        {
            await DeleteAsync(key, await ListAsync(key, "", "~", cancellation, KeyOnly), cancellation);
        }
    }

    private async Task CutAsync(GroupKey key, GroupHead head, CancellationToken cancellation)
    {
        var rows = GroupPartition.Messages;
        var beyond = await ListAsync(key, rows.Entry(head.LastSeq + 1), "m}", cancellation);
        foreach (var some in beyond.OrderByDescending(row => row.RowKey).Chunk(RowsAtOnce))
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
            await DeleteAsync(key, await ListAsync(key, prefix + KeyText.Sequence(head.LastSeq + 1), $"{prefix[..^1]}}}", cancellation, KeyOnly), cancellation);
        }

        await DeleteAsync(key, await ListAsync(key, GroupChange.RowKeyOf(head.ChangeSeq + 1), "e}", cancellation, KeyOnly), cancellation);
    }

    // Who joined meanwhile may not be in its own list of groups, or have no account.
    private async Task DropStrangersAsync(GroupKey key, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var since = (startedAt - Skew).ToUnixTimeSeconds();
        foreach (var member in (await ListAsync(key, GroupMember.Prefix, "u}", cancellation)).ConvertAll(GroupMember.FromRow).Where(member => member.JoinTime >= since))
        {
            var account = new AccountKey(key.SdkAppId, member.Account);
            if (!await HasRowAsync(account, AccountTable.AccountRow, cancellation) || !await HasRowAsync(account, GroupMembership.RowKeyOf(key.GroupId), cancellation))
            {
                await groups.ApplyAsync(key, group =>
                {
                    if (group.FindMember(member.Account) is not null)
                    {
                        group.RemoveMember(member.Account);
                    }

                    return true;
                }, cancellation);
            }
        }
    }

    private async Task MendHeadAsync(GroupKey key, TableEntity? oldest, List<GroupMessage> messages, CancellationToken cancellation)
    {
        var members = (await ListAsync(key, GroupMember.Prefix, "u}", cancellation, KeyOnly)).Select(row => KeyText.Unescape(row.RowKey[GroupMember.Prefix.Length..])).ToHashSet();
        var mutes = (await ListAsync(key, GroupMute.Prefix, $"{GroupMute.Prefix[..^1]}}}", cancellation, KeyOnly)).Count;
        var bans = (await ListAsync(key, LiveBan.Prefix, $"{LiveBan.Prefix[..^1]}}}", cancellation, KeyOnly)).Count;
        var changes = await ListAsync(key, GroupChange.Prefix, "e}", cancellation, KeyOnly);
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
        var members = await ListAsync(key, GroupMember.Prefix, "u}", cancellation);
        foreach (var some in members.ConvertAll(row => GroupMember.FromRow(row).Account).Chunk(RowsAtOnce))
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
        var receipts = (await ListAsync(key, GroupReceipt.Prefix, "r}", cancellation, KeyOnly)).ToLookup(row => row.RowKey.Split('|')[1]);
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

    private async Task<bool> HasRowAsync(AccountKey account, string rowKey, CancellationToken cancellation) =>
        (await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(account.PartitionKey, rowKey, KeyOnly, cancellation)).HasValue;

    private async Task<List<TableEntity>> ListAsync(GroupKey key, string from, string to, CancellationToken cancellation, string[]? columns = null)
    {
        var found = new List<TableEntity>();
        await foreach (var row in groups.QueryAsync(key, from, to, cancellation, columns))
        {
            found.Add(row);
        }

        return found;
    }

    // Looked at first: this instance may take for absent what the restore has written.
    private async Task DeleteAsync(GroupKey key, List<TableEntity> rows, CancellationToken cancellation)
    {
        foreach (var some in rows.Select(row => row.RowKey).Chunk(RowsAtOnce))
        {
            await groups.ApplyAsync(key, group =>
            {
                foreach (var row in some.Where(row => group.Rows.Get(row) is not null))
                {
                    group.Rows.Delete(row);
                }

                return true;
            }, cancellation);
        }
    }
}
