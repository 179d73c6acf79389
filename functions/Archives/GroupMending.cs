using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Groups;
using Parley.Groups.Membership;
using Parley.Groups.Topics;
using Parley.Storage;

namespace Parley.Archives;

/// <summary>Puts the partition of a group right, with its topics; see <see cref="ArchiveMending"/>.</summary>
public sealed class GroupMending(GroupStore groups, GroupLogMending logs, TableStore tables)
{
    /// <summary>How far clocks may be apart.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    public async Task MendAsync(GroupKey key, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        if (await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            await DropHeadlessAsync(key, cancellation);
            return;
        }

        await DropStrangersAsync(key, startedAt, cancellation);
        await logs.MendAsync(key, head, cancellation);
        await MendTopicsAsync(key, cancellation);
    }

    // What the community's list says of its topics may be of another moment than they are.
    private async Task MendTopicsAsync(GroupKey community, CancellationToken cancellation)
    {
        var rows = await groups.ListAsync(community, GroupKey.TopicPrefix, "t}", cancellation, AppRows.Keys);
        var names = new List<string>();
        foreach (var topic in rows.Select(row => GroupKey.OfRow(community.PartitionKey, row.RowKey)!.Value.Key).Distinct())
        {
            if (await groups.ReadHeadAsync(topic, cancellation) is { } head)
            {
                names.Add(TopicList.NameOf(topic));
                await logs.MendAsync(topic, head, cancellation);
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
            await groups.DropAsync(key, await groups.ListAsync(key, "", "~", cancellation, AppRows.Keys), cancellation);
        }
    }

    // Who joined meanwhile may not be in its own list of groups, or have no account.
    private async Task DropStrangersAsync(GroupKey key, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var since = (startedAt - Skew).ToUnixTimeSeconds();
        foreach (var member in (await groups.ListAsync(key, GroupMember.Prefix, "u}", cancellation)).ConvertAll(GroupMember.FromRow).Where(member => member.JoinTime >= since))
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

    private async Task<bool> HasRowAsync(AccountKey account, string rowKey, CancellationToken cancellation) =>
        (await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(account.PartitionKey, rowKey, AppRows.Keys, cancellation)).HasValue;
}
