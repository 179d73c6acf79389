using System.Text.Json.Serialization;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups.Members;

/// <summary>
/// Says what up to 500 accounts are in a group.
/// <code>
/// POST /v4/group_open_http_svc/get_role_in_group
/// { "GroupId": "hiking-2019", "User_Account": [ "u_anna", "u_zoe" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0,
///     "UserIdList": [ { "Member_Account": "u_anna", "Role": "Owner" }, { "Member_Account": "u_zoe", "Role": "NotMember" } ] }
/// </code>
/// </summary>
/// <remarks>
/// An account that does not exist is NotMember too. Errors: 10004, 10005 more than 500, 10007 no member, or a live room; 10010, 10015. Source: API reference, groups §4.6.
/// </remarks>
public sealed class GetGroupRoles(GroupStore groups, GroupRoles roles) : ICommand<GetGroupRolesRequest, GetGroupRolesResponse>
{
    private const int AtOnce = 16;

    public async Task<Result<GetGroupRolesResponse>> HandleAsync(Caller caller, GetGroupRolesRequest request, CancellationToken cancellation)
    {
        if (!(await roles.AskAsync(caller, request.GroupId, GroupAction.ReadMembers, cancellation)).TryGet(out var group, out var error))
        {
            return error;
        }

        var found = new AccountRole[request.Accounts.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, found.Length), parallel, async (i, token) =>
        {
            var member = await groups.ReadMemberAsync(group.Key, request.Accounts[i], token);
            found[i] = new AccountRole(request.Accounts[i], (member?.Role ?? GroupRole.NotMember).ToString());
        });
        return new GetGroupRolesResponse { UserIdList = found };
    }
}

public sealed record GetGroupRolesRequest(string GroupId, IReadOnlyList<string> Accounts) : IRequest<GetGroupRolesRequest>
{
    private const int MostAccounts = 500;

    public static GetGroupRolesRequest Read(FieldReader fields) => new(fields.GroupId(), fields.Accounts("User_Account", MostAccounts));
}

public sealed record GetGroupRolesResponse : Envelope
{
    public required IReadOnlyList<AccountRole> UserIdList { get; init; }
}

public sealed record AccountRole([property: JsonPropertyName("Member_Account")] string MemberAccount, string Role);
