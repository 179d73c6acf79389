using System.Text.Json.Serialization;
using Parley.Groups.Callbacks;
using Parley.Rest;

namespace Parley.Groups.Membership;

/// <summary>
/// Adds accounts to a group: an administrator anybody, a member others where the group lets members invite.
/// <code>
/// POST /v4/group_open_http_svc/add_group_member
/// { "GroupId": "hiking-2019", "Silence": 0, "MemberList": [ { "Member_Account": "u_dan" }, { "Member_Account": "u_ben" } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "MemberList": [ { "Member_Account": "u_dan", "Result": 1 }, { "Member_Account": "u_ben", "Result": 2 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Callbacks Group.CallbackBeforeInviteJoinGroup, which may refuse some or all, Group.CallbackAfterNewMemberJoin (one for each transaction, up to 40 members), Group.CallbackAfterGroupFull.
/// Result: 0 failed (the account is in too many groups, or the app's callback refused it), 1 added, 2 a member already, 3 waiting for somebody's consent.
/// Errors: 10004, 10005 more than 500, 10007 not permitted or a live room, 10010, 10014 full, 10015, 10016 or 10100 to 10200 refused by the app's callback, 10019 unknown account: nobody is added then. 10037 when it is that for all of them.
/// Source: API reference, groups §4.3.
/// </remarks>
public sealed class AddGroupMembers(GroupInvitations invitations) : ICommand<AddGroupMembersRequest, AddGroupMembersResponse>
{
    public async Task<Result<AddGroupMembersResponse>> HandleAsync(Caller caller, AddGroupMembersRequest request, CancellationToken cancellation)
    {
        var invitation = new Invitation(new GroupKey(caller.App.SdkAppId, request.GroupId), GroupActor.Of(caller), request.IsSilent, CallbackCause.Of(caller));
        var invited = await invitations.InviteAsync(invitation, request.Accounts, cancellation);
        return invited.TryGet(out var results, out var error)
            ? new AddGroupMembersResponse { MemberList = [.. request.Accounts.Zip(results, (account, result) => new JoinedMember(account, (int)result))] }
            : error;
    }
}

public sealed record AddGroupMembersRequest(string GroupId, bool IsSilent, IReadOnlyList<string> Accounts) : IRequest<AddGroupMembersRequest>
{
    private const int MostMembers = 500;

    public static AddGroupMembersRequest Read(FieldReader fields)
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

        return new AddGroupMembersRequest(
            id, fields.Flag("Silence", ApiError.GroupParameter), [.. members.Take(MostMembers).Select(member => member.Account("Member_Account", ApiError.GroupParameter))]);
    }
}

public sealed record AddGroupMembersResponse : Envelope
{
    public required IReadOnlyList<JoinedMember> MemberList { get; init; }
}

public sealed record JoinedMember([property: JsonPropertyName("Member_Account")] string MemberAccount, int Result);
