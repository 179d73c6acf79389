using Parley.Accounts;
using Parley.Apps;
using Parley.Groups.Live;
using Parley.Groups.Members;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Profiles;

/// <summary>
/// Lists the groups that an account is in, oldest membership first: an administrator anybody's, an account its own.
/// <code>
/// POST /v4/group_open_http_svc/get_joined_group_list
/// { "Member_Account": "u_ben", "Limit": 20, "Offset": 0, "GroupType": "Public",
///   "ResponseFilter": { "GroupBaseInfoFilter": [ "Name", "NextMsgSeq" ], "SelfInfoFilter": [ "Role", "UnreadMsgNum" ] } }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "TotalCount": 1,
///     "GroupIdList": [ { "GroupId": "hiking-2019", "Name": "Hiking", "NextMsgSeq": 41, "SelfInfo": { "Role": "Admin", "UnreadMsgNum": 3 } } ] }
/// </code>
/// </summary>
/// <remarks>
/// Without filters only GroupId. A Private group that nobody has written to yet is seen by its owner, and by others with WithNoActiveGroups 1. WithHugeGroups 1 has the AVChatRooms too that the account is
/// in at present, after the others. One query names all groups; of the page, groups are read for GroupBaseInfoFilter and members for SelfInfoFilter.
/// Errors: 10004, 10018 more than 1 MB, 10019 unknown account, 60010 another account than the caller. Source: API reference, groups §3.6. The order is our choice.
/// </remarks>
public sealed class ListJoinedGroups(AccountDirectory accounts, JoinedGroups joined, GroupStore groups, LiveRooms rooms, TimeProvider time)
    : ICommand<ListJoinedGroupsRequest, ListJoinedGroupsResponse>
{
    private const int AtOnce = 16;

    public async Task<Result<ListJoinedGroupsResponse>> HandleAsync(Caller caller, ListJoinedGroupsRequest request, CancellationToken cancellation)
    {
        if (caller.RefuseAs(request.Account, "Member_Account") is { } forbidden)
        {
            return forbidden;
        }

        var account = new AccountKey(caller.App.SdkAppId, request.Account);
        if (!await accounts.ExistsAsync(account, cancellation))
        {
            return ApiError.GroupAccountNotFound.In("Member_Account");
        }

        var all = await joined.ListAsync(account, request.Type, request.WithInactive, cancellation);
        if (request.WithLiveRooms)
        {
            all = [.. all, .. await joined.ListLiveAsync(account, request.Type, cancellation)];
        }

        var page = all.Skip(request.Offset).Take(request.Limit ?? int.MaxValue).ToList();
        var items = new GroupDescription?[page.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, page.Count), parallel, async (i, token) =>
            items[i] = await DescribeAsync(caller, new GroupKey(account.SdkAppId, page[i].GroupId), request, token));

        var size = new AnswerSize();
        var shown = items.OfType<GroupDescription>().Select(item => size.TryAdd(item, ParleyJson.Wire.GroupDescription)).TakeWhile(item => item is not null).ToList();
        return shown.Count < items.Count(item => item is not null)
            ? ApiError.GroupAnswerTooLarge
            : new ListJoinedGroupsResponse { TotalCount = all.Count, GroupIdList = [.. shown.Select(item => item!.Value)] };
    }

    // Null when the account has left meanwhile.
    private async Task<GroupDescription?> DescribeAsync(Caller caller, GroupKey key, ListJoinedGroupsRequest request, CancellationToken cancellation)
    {
        var item = new GroupDescription { GroupId = key.GroupId };
        if (!request.ShowsGroup && request.Self is null)
        {
            return item;
        }

        var reading = groups.ReadMemberAsync(key, request.Account, cancellation);
        var found = await groups.ReadShownAsync(key, cancellation);
        var attendance = found is ({ Traits.IsEntered: true }, _) ? RoomAttendance.FromRow(await groups.ReadAsync(key, RoomAttendance.RowKey, cancellation)) : null;
        if (found is not var (head, profile) || (await reading ?? await FindAttendantAsync(key, head, request.Account, attendance, cancellation)) is not { } member)
        {
            return null;
        }

        var viewer = new MemberViewer(caller.Account, caller.IsAdmin ? GroupRole.AppAdmin : member.Role, time.GetUtcNow().ToUnixTimeSeconds());
        if (request.ShowsGroup)
        {
            var custom = GroupCustomFields.Show(profile.Custom, caller.App.GroupFields, head.Type, viewer.Role, request.Custom, isOwn: false);
            item = GroupDescription.Of(head, profile, request.Standard) with
            {
                GroupId = key.GroupId,
                MemberNum = request.Standard.Number("MemberNum", attendance?.Count ?? head.Members),
                AppDefinedData = request.Custom.Names is { Count: 0 } ? null : custom,
            };
        }

        return request.Self is { } self ? item with { SelfInfo = Describe(caller.App, self, head, member, viewer) } : item;
    }

    // Live rooms have no rows of members.
    private async ValueTask<GroupMember?> FindAttendantAsync(GroupKey key, GroupHead head, string account, RoomAttendance? attendance, CancellationToken cancellation)
    {
        if (attendance is null)
        {
            return null;
        }

        var role = (await rooms.FindAsync(key, cancellation))?.RoleOf(new GroupActor(account, IsAppAdmin: false)) ?? GroupRole.NotMember;
        return new GroupMember
        {
            Account = account,
            Role = role == GroupRole.NotMember ? GroupRole.Member : role,
            JoinTime = attendance.Find(account)?.JoinTime ?? 0,
            Receive = head.Traits.Receive,
        };
    }

    private static RawJson Describe(App app, MemberFilter filter, GroupHead head, GroupMember member, MemberViewer viewer) =>
        (filter.Describe(app, head, member, viewer) with
        {
            MemberAccount = filter.Fields.Text("Member_Account", member.Account) ?? filter.Fields.Text("Account", member.Account),
            UnreadMsgNum = filter.Fields.Number("UnreadMsgNum", member.Unread(head)),
        }).ToRawJson();
}

/// <param name="Custom">Custom fields of the groups.</param>
/// <param name="Self">What of the account's own membership; null for nothing.</param>
public sealed record ListJoinedGroupsRequest(
    string Account, int? Limit, int Offset, GroupType? Type, bool WithInactive, bool WithLiveRooms, NameFilter Standard, NameFilter Custom, MemberFilter? Self)
    : IRequest<ListJoinedGroupsRequest>
{
    private const int MostGroups = 5_000;

    /// <summary>Whether anything of the group itself is asked for.</summary>
    public bool ShowsGroup => Standard.Names is { Count: > 0 } || Custom.Names is null or { Count: > 0 };

    public static ListJoinedGroupsRequest Read(FieldReader fields)
    {
        var filter = fields.Has("ResponseFilter") ? fields.Object("ResponseFilter", ApiError.GroupParameter) : null;
        var standard = filter is null ? NameFilter.None : NameFilter.Read(filter, "GroupBaseInfoFilter", NameFilter.None);
        var custom = filter is null ? NameFilter.None
            : NameFilter.Read(filter, "AppDefinedDataFilter_Group", standard.Has("AppDefinedData") ? NameFilter.All : NameFilter.None);
        return new ListJoinedGroupsRequest(
            fields.Account("Member_Account", ApiError.GroupParameter), fields.Limit(MostGroups), fields.Offset(), fields.OptionalType(),
            fields.Flag("WithNoActiveGroups", ApiError.GroupParameter), fields.Flag("WithHugeGroups", ApiError.GroupParameter), standard, custom, ReadSelf(filter));
    }

    private static MemberFilter? ReadSelf(FieldReader? filter)
    {
        if (filter is null || !(filter.Has("SelfInfoFilter") || filter.Has("AppDefinedDataFilter_GroupMember")))
        {
            return null;
        }

        var standard = NameFilter.Read(filter, "SelfInfoFilter", NameFilter.None);
        var custom = NameFilter.Read(
            filter, "AppDefinedDataFilter_GroupMember", standard.Has("AppMemberDefinedData") ? NameFilter.All : NameFilter.None);
        return new MemberFilter(standard, custom, null);
    }
}

public sealed record ListJoinedGroupsResponse : Envelope
{
    public required int TotalCount { get; init; }

    public required IReadOnlyList<RawJson> GroupIdList { get; init; }
}
