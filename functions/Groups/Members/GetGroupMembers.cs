using Parley.Connections;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Members;

/// <summary>
/// Shows up to 50 members that are named; who is none is left out.
/// <code>
/// POST /v4/group_open_http_svc/get_specified_group_member_info
/// { "GroupId": "hiking-2019", "Member_List_Account": [ "u_ben" ], "MemberInfoFilter": [ "Role", "OnlineStatus" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "GroupId": "hiking-2019", "MemberList": [ { "Member_Account": "u_ben", "Role": "Admin", "OnlineStatus": "Online" } ] }
/// </code>
/// </summary>
/// <remarks>
/// OnlineStatus only where the filter names it: Online, PushOnline or Offline, as query_online_status has it.
/// Errors: 10004, 10005 more than 50, 10007 no member, or a live room; 10010, 10015. Source: API reference, groups §4.2.
/// </remarks>
public sealed class GetGroupMembers(GroupStore groups, GroupRoles roles, Presence presence, TimeProvider time) : ICommand<GetGroupMembersRequest, GetGroupMembersResponse>
{
    private const int AtOnce = 16;

    public async Task<Result<GetGroupMembersResponse>> HandleAsync(Caller caller, GetGroupMembersRequest request, CancellationToken cancellation)
    {
        if (!(await roles.AskAsync(caller, request.GroupId, GroupAction.ReadMembers, cancellation)).TryGet(out var group, out var error))
        {
            return error;
        }

        var viewer = new MemberViewer(caller.Account, group.Role, time.GetUtcNow().ToUnixTimeSeconds());
        var found = new MemberDescription?[request.Accounts.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, found.Length), parallel, async (i, token) =>
        {
            if (await groups.ReadMemberAsync(group.Key, request.Accounts[i], token) is { } member && request.Filter.Admits(member))
            {
                found[i] = request.Filter.Describe(caller.App, group.Head, member, viewer) with { OnlineStatus = await FindStatusAsync(group.Key, request, member, token) };
            }
        });
        return new GetGroupMembersResponse { GroupId = request.GroupId, MemberList = [.. found.OfType<MemberDescription>()] };
    }

    private async Task<OnlineStatus?> FindStatusAsync(GroupKey group, GetGroupMembersRequest request, GroupMember member, CancellationToken cancellation)
    {
        if (!request.WithStatus)
        {
            return null;
        }

        // They come best first.
        var platforms = await presence.FindAsync(new AccountKey(group.SdkAppId, member.Account), cancellation);
        return platforms is { Count: > 0 } ? platforms[0].Status : OnlineStatus.Offline;
    }
}

public sealed record GetGroupMembersRequest(string GroupId, IReadOnlyList<string> Accounts, MemberFilter Filter) : IRequest<GetGroupMembersRequest>
{
    private const int MostMembers = 50;

    public bool WithStatus => Filter.Fields.Names?.Contains("OnlineStatus") ?? false;

    public static GetGroupMembersRequest Read(FieldReader fields) =>
        new(fields.GroupId(), [.. fields.Accounts("Member_List_Account", MostMembers).Distinct()], MemberFilter.Read(fields));
}

public sealed record GetGroupMembersResponse : Envelope
{
    public required string GroupId { get; init; }

    public required IReadOnlyList<MemberDescription> MemberList { get; init; }
}
