using Parley.Accounts;
using Parley.Apps;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>
/// Adds the members that a group had in another system. Nobody is told.
/// <code>
/// POST /v4/group_open_http_svc/import_group_member
/// { "GroupId": "arch-1", "MemberList": [ { "Member_Account": "u_ben", "Role": "Admin", "JoinTime": 1500000050, "UnreadMsgNum": 1 } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "MemberList": [ { "Member_Account": "u_ben", "Result": 1 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Result: 0 failed (an account that does not exist or is in too many groups, a JoinTime before the group was created or in the future, an Admin where the type has none), 1 added, 2 a member already.
/// Units: JoinTime Unix seconds, now if absent. UnreadMsgNum is at most the number of messages that count.
/// Errors: 10004, 10005 more than 500, 10007 a live room or no administrator, 10010, 10014 full: nobody is added then; 10015. Source: API reference, groups §6.3.
/// </remarks>
public sealed class ImportGroupMembers(AccountDirectory accounts, GroupStore groups, GroupJoining joining, TimeProvider time)
    : ICommand<ImportGroupMembersRequest, AddGroupMembersResponse>
{
    public async Task<Result<AddGroupMembersResponse>> HandleAsync(Caller caller, ImportGroupMembersRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        var actor = GroupActor.Of(caller);
        if (GroupRights.Refuse(head.Type, GroupAction.Import, caller.IsAdmin ? GroupRole.AppAdmin : GroupRole.NotMember) is { } refusal)
        {
            return refusal;
        }

        var able = new List<NewMember>();
        foreach (var member in request.Members.DistinctBy(member => member.Account))
        {
            if (CanBe(head, member) && await accounts.ExistsAsync(new AccountKey(key.SdkAppId, member.Account), cancellation))
            {
                able.Add(member);
            }
        }

        var options = new JoinOptions("", IsSilent: true) { Refuse = (group, now) => group.Refuse(now, GroupAction.Import, actor) };
        return (await AddAsync(caller.App, key, able, options, cancellation)).TryGet(out var added, out var error)
            ? new AddGroupMembersResponse
            {
                MemberList = [.. request.Members.Select(member => new JoinedMember(member.Account, (int)added.GetValueOrDefault(member.Account, JoinResult.Failed)))],
            }
            : error;
    }

    private bool CanBe(GroupHead head, NewMember member) =>
        (member.JoinTime is not { } joined || (joined >= head.CreateTime && joined <= time.GetUtcNow().ToUnixTimeSeconds()))
        && (member.Role == GroupRole.Member || GroupRights.Least(head.Type, GroupAction.SetAdmin) != GroupRole.Nobody);

    private async Task<Result<Dictionary<string, JoinResult>>> AddAsync(
        App app, GroupKey key, List<NewMember> members, JoinOptions options, CancellationToken cancellation)
    {
        if (members.Count == 0)
        {
            return new Dictionary<string, JoinResult>();
        }

        var added = await joining.AddAsync(app, key, members, options, cancellation);

        // That all of them are in too many groups, or were deleted just now, is said of each.
        return added.TryGet(out var results, out var error) ? members.Zip(results).ToDictionary(pair => pair.First.Account, pair => pair.Second)
            : error == ApiError.TooManyGroupsOfAccount || error == ApiError.GroupAccountNotFound ? new Dictionary<string, JoinResult>()
            : error;
    }
}

public sealed record ImportGroupMembersRequest(string GroupId, IReadOnlyList<NewMember> Members) : IRequest<ImportGroupMembersRequest>
{
    private const int MostMembers = 500;

    public static ImportGroupMembersRequest Read(FieldReader fields)
    {
        var id = fields.GroupId();
        var members = fields.Objects("MemberList", ApiError.GroupParameter);
        if (members.Count == 0)
        {
            fields.Fail(ApiError.GroupParameter.In("MemberList"));
        }

        if (members.Count > MostMembers)
        {
            fields.Fail(ApiError.TooManyMembersNamed);
        }

        return new ImportGroupMembersRequest(id, [.. members.Take(MostMembers).Select(ReadMember)]);
    }

    private static NewMember ReadMember(FieldReader member)
    {
        var role = member.OptionalText("Role", ApiError.GroupParameter);
        if (role is not (null or "" or "Admin" or "Member"))
        {
            member.Fail(ApiError.GroupParameter.In("Role"));
        }

        return new NewMember(
            member.Account("Member_Account", ApiError.GroupParameter),
            role == "Admin" ? GroupRole.Admin : GroupRole.Member,
            JoinTime: member.OptionalInteger("JoinTime", ApiError.GroupParameter),
            Unread: member.OptionalUnsigned("UnreadMsgNum", ApiError.GroupParameter) ?? 0);
    }
}
