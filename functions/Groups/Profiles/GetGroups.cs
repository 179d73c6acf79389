using System.Text.Json;
using Parley.Apps;
using Parley.Groups.Live;
using Parley.Groups.Members;
using Parley.Rest;

namespace Parley.Groups.Profiles;

/// <summary>
/// Shows up to 50 groups, with their members where these are asked for.
/// <code>
/// POST /v4/group_open_http_svc/get_group_info
/// { "GroupIdList": [ "hiking-2019", "@TGS#NOPE" ],
///   "ResponseFilter": { "GroupBaseInfoFilter": [ "Type", "Name", "MemberNum" ], "MemberInfoFilter": [ "Account", "Role", "ShutUpUntil" ] } }
/// → { …, "GroupInfo": [ { "GroupId": "hiking-2019", "ErrorCode": 0, "ErrorInfo": "", "Type": "Public", "Name": "Hiking", "MemberNum": 2,
///                         "MemberList": [ { "Member_Account": "u_anna", "Role": "Owner", "ShutUpUntil": 0 }, … ] },
///                       { "GroupId": "@TGS#NOPE", "ErrorCode": 10010, "ErrorInfo": "…" } ] }
/// </code>
/// </summary>
/// <remarks>
/// Without ResponseFilter everything is shown; with it what is named, and members only where MemberInfoFilter is there. An account sees the members of groups that it is in.
/// Errors of an item: 10007 a group that the caller may not see, 10010, 10015. Errors: 10004 a parameter, none or more than 50 groups; 10018 more than 1 MB.
/// Source: API reference, groups §3.3.
/// </remarks>
public sealed class GetGroups(GroupStore groups, GroupRoles roles, TimeProvider time) : ICommand<GetGroupsRequest, GetGroupsResponse>
{
    public async Task<Result<GetGroupsResponse>> HandleAsync(Caller caller, GetGroupsRequest request, CancellationToken cancellation)
    {
        var size = new AnswerSize();
        var shown = new List<GroupDescription>(request.GroupIds.Count);
        foreach (var id in request.GroupIds)
        {
            var group = await DescribeAsync(caller, id, request, size, cancellation);
            if (group.Error is { } error && error == ApiError.GroupAnswerTooLarge)
            {
                return error;
            }

            shown.Add(group.Error is null ? group.Value : GroupDescription.Failed(id, group.Error));
        }

        return new GetGroupsResponse { GroupInfo = shown };
    }

    private async Task<Result<GroupDescription>> DescribeAsync(
        Caller caller, string id, GetGroupsRequest request, AnswerSize size, CancellationToken cancellation)
    {
        if (!GroupKey.IsValid(id))
        {
            return ApiError.GroupIdInvalid;
        }

        var key = new GroupKey(caller.App.SdkAppId, id);
        if (await groups.ReadShownAsync(key, cancellation) is not var (head, profile))
        {
            return ApiError.GroupNotFound;
        }

        var role = await roles.FindAsync(key, head, GroupActor.Of(caller), cancellation);
        if (GroupRights.Refuse(head.Type, GroupAction.ReadProfile, role) is { } refusal)
        {
            return refusal;
        }

        var custom = GroupCustomFields.Show(profile.Custom, caller.App.GroupFields, head.Type, role, request.Custom, isOwn: false);
        var group = GroupDescription.Of(head, profile, request.Standard) with
        {
            GroupId = id,
            ErrorCode = 0,
            ErrorInfo = "",
            Appid = request.Standard.Has("Appid") ? caller.App.SdkAppId : null,
            AppDefinedData = request.Custom.Names is { Count: 0 } ? null : custom,
        };
        if (head.Traits.IsEntered && request.Standard.Has("MemberNum"))
        {
            group = group with { MemberNum = RoomAttendance.FromRow(await groups.ReadAsync(key, RoomAttendance.RowKey, cancellation)).Count };
        }

        if (size.TryAdd(group, ParleyJson.Wire.GroupDescription) is null)
        {
            return ApiError.GroupAnswerTooLarge;
        }

        return request.Members is { } filter && GroupRights.Refuse(head.Type, GroupAction.ReadMembers, role) is null
            ? await WithMembersAsync(caller, key, head, group, filter, role, size, cancellation)
            : group;
    }

    private async Task<Result<GroupDescription>> WithMembersAsync(
        Caller caller, GroupKey key, GroupHead head, GroupDescription group, MemberFilter filter, GroupRole role, AnswerSize size, CancellationToken cancellation)
    {
        var viewer = new MemberViewer(caller.Account, role, time.GetUtcNow().ToUnixTimeSeconds());
        var members = new List<RawJson>();
        await foreach (var row in groups.QueryMembersAsync(key, cancellation))
        {
            if (size.TryAdd(filter.Describe(caller.App, head, GroupMember.FromRow(row), viewer), ParleyJson.Wire.MemberDescription) is not { } item)
            {
                return ApiError.GroupAnswerTooLarge;
            }

            members.Add(item);
        }

        return group with { MemberList = members };
    }
}

/// <param name="Standard">The group's standard fields.</param>
/// <param name="Custom">Its custom fields.</param>
/// <param name="Members">Null where they are not asked for.</param>
public sealed record GetGroupsRequest(IReadOnlyList<string> GroupIds, NameFilter Standard, NameFilter Custom, MemberFilter? Members) : IRequest<GetGroupsRequest>
{
    private const int MostGroups = 50;

    public static GetGroupsRequest Read(FieldReader fields)
    {
        var ids = fields.Array("GroupIdList", ApiError.GroupParameter);
        if (ids.Count > MostGroups || ids.Any(id => id.ValueKind != JsonValueKind.String))
        {
            fields.Fail(ApiError.GroupParameter.In("GroupIdList"));
            ids = [];
        }

        List<string> names = [.. ids.Select(id => id.GetString()!)];
        if (!fields.Has("ResponseFilter"))
        {
            return new GetGroupsRequest(names, NameFilter.All, NameFilter.All, new MemberFilter(NameFilter.All, NameFilter.All, null));
        }

        var filter = fields.Object("ResponseFilter", ApiError.GroupParameter);
        var standard = NameFilter.Read(filter, "GroupBaseInfoFilter", NameFilter.None);
        var members = MemberFilter.Read(filter);
        return new GetGroupsRequest(
            names,
            standard,
            NameFilter.Read(filter, "AppDefinedDataFilter_Group", standard.Has("AppDefinedData") ? NameFilter.All : NameFilter.None),
            filter.Has("MemberInfoFilter") || filter.Has("AppDefinedDataFilter_GroupMember") ? filter.Has("MemberInfoFilter") ? members : members with { Fields = NameFilter.None } : null);
    }
}

public sealed record GetGroupsResponse : Envelope
{
    public required IReadOnlyList<GroupDescription> GroupInfo { get; init; }
}
