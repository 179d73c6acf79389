using Parley.Accounts;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>An account that is deleted leaves its groups, also those that it owns; they have no owner then.</summary>
public sealed class GroupsOfAccount(MembershipTable memberships, GroupLeaving leaving) : IAccountBelonging
{
    public async Task RemoveAsync(AccountKey account, CancellationToken cancellation)
    {
        foreach (var row in await memberships.ListAsync(account, cancellation))
        {
            var options = new LeaveOptions(LeaveReason.Quit, account.Account, IsSilent: false);
            await leaving.RemoveAsync(new GroupKey(account.SdkAppId, row.GroupId), [account.Account], options, cancellation);
        }
    }
}
