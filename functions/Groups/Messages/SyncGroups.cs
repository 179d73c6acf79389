using Parley.Groups.Membership;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>
/// Says how far each group of an account has come, so that a device can see what it lacks. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/group_open_http_svc/sync_groups
/// { "Since": 1700000000 }
/// → { "ActionStatus": "OK", …, "Next": 1700000500, "GroupIdList": [ "hiking-2019" ], "Groups": [ { "GroupId": "hiking-2019", "Type": "Public", "Epoch": 1699990000123, "FirstSeq": 1, "LastSeq": 41,
///     "LastTime": 1700000321, "ChangeSeq": 7, "ReadSeq": 38, "UnreadMsgNum": 2, "Role": "Member", "MsgFlag": "AcceptAndNotify", "Mentions": [ 40 ], "MentionsOfAll": [] } ] }
/// </code>
/// </summary>
/// <remarks>
/// Since and Next are Unix seconds: Groups has the groups in which something was written since then, for all or for the account alone; all of them with 0. Next is what to ask with the next time. GroupIdList has all
/// groups that the account is in. Mentions are the numbers of the latest five messages over ReadSeq that mention the account, or everybody. Live rooms are not listed.
/// Errors: 10004, 60010 another account. Our own command.
/// </remarks>
public sealed class SyncGroups(MembershipTable memberships, MembershipSettlement settlement, GroupStore groups, TimeProvider time) : ICommand<SyncGroupsRequest, SyncGroupsResponse>
{
    private const int AtOnce = 16;

    /// <summary>The clocks of the store and of the instances may differ, and a write takes its time.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    public async Task<Result<SyncGroupsResponse>> HandleAsync(Caller caller, SyncGroupsRequest request, CancellationToken cancellation)
    {
        var account = request.Owner ?? caller.Account;
        if (caller.RefuseAs(account, "Owner_Account") is { } forbidden)
        {
            return forbidden;
        }

        var owner = new AccountKey(caller.App.SdkAppId, account);
        var next = (time.GetUtcNow() - Margin).ToUnixTimeSeconds();
        var rows = (await memberships.ListAsync(owner, cancellation)).Where(row => !GroupTraits.Of(row.Type).IsLive).ToList();
        var found = new GroupState?[rows.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, rows.Count), parallel, async (i, token) => found[i] = await FindAsync(owner, rows[i], token));

        var all = found.OfType<GroupState>().ToList();
        return new SyncGroupsResponse
        {
            Next = next,
            GroupIdList = all.ConvertAll(group => group.GroupId),
            Groups = [.. all.Where(group => group.WrittenAt >= request.Since)],
        };
    }

    private async Task<GroupState?> FindAsync(AccountKey owner, GroupMembership membership, CancellationToken cancellation)
    {
        var key = new GroupKey(owner.SdkAppId, membership.GroupId);
        if (!await settlement.LookAfterAsync(owner, key, membership, mustHear: false, cancellation))
        {
            return null;
        }

        var reading = groups.ReadAsync(key, GroupPartition.HeadRow, cancellation);
        var member = await groups.ReadAsync(key, GroupMember.RowKeyOf(owner.Account), cancellation);
        if (await reading is not { } head || member is null)
        {
            return null;
        }

        var state = GroupState.Of(membership.GroupId, GroupHead.FromRow(head), GroupMember.FromRow(member));
        var writtenAt = Math.Max(head.Timestamp?.ToUnixTimeSeconds() ?? long.MaxValue, member.Timestamp?.ToUnixTimeSeconds() ?? long.MaxValue);
        return state is null ? null : state with { WrittenAt = writtenAt };
    }
}

public sealed record SyncGroupsRequest(string? Owner, long Since) : IRequest<SyncGroupsRequest>
{
    public static SyncGroupsRequest Read(FieldReader fields) => new(
        fields.OptionalAccount("Owner_Account", ApiError.GroupParameter), fields.OptionalInteger("Since", ApiError.GroupParameter) ?? 0);
}

public sealed record SyncGroupsResponse : Envelope
{
    public required long Next { get; init; }

    public required IReadOnlyList<string> GroupIdList { get; init; }

    public required IReadOnlyList<GroupState> Groups { get; init; }
}
