using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>Changes of memberships that broke off.</summary>
public sealed class BrokenMemberships(MembershipSettlement settlement) : ISweptRows
{
    public string Table => TableNames.Accounts;

    public IReadOnlyList<string> Columns { get; } = ["Type", "Epoch", "UnderWay", "Version", "Attempt", "BegunAt", "JoinTime", "HearsUntil"];

    public string Filter(DateTimeOffset now)
    {
        var old = (now - GroupMembership.BrokenAfter).ToUnixTimeSeconds();
        return TableClient.CreateQueryFilter($"RowKey ge 'g|' and RowKey lt 'g}}' and Pending gt 0 and BegunAt lt {old}");
    }

    public bool Has(string rowKey) => rowKey.StartsWith(GroupMembership.Prefix, StringComparison.Ordinal);

    public async Task LookAtAsync(TableEntity row, CancellationToken cancellation)
    {
        if (AccountKey.FromPartitionKey(row.PartitionKey) is { } account)
        {
            var membership = GroupMembership.FromRow(row);
            await settlement.LookAfterAsync(account, new GroupKey(account.SdkAppId, membership.GroupId), membership, mustHear: false, cancellation);
        }
    }
}
