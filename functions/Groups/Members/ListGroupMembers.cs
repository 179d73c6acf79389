using Parley.Rest;

namespace Parley.Groups.Members;

/// <summary>
/// Lists the members of a group, in pages.
/// <code>
/// POST /v4/group_open_http_svc/get_group_member_info
/// { "GroupId": "hiking-2019", "Limit": 100, "Offset": 0, "MemberRoleFilter": [ "Admin" ], "MemberInfoFilter": [ "Role", "NameCard", "MsgFlag" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "MemberNum": 3, "Next": "",
///     "MemberList": [ { "Member_Account": "u_ben", "Role": "Admin", "NameCard": "Ben", "MsgFlag": "AcceptAndNotify" } ] }
/// </code>
/// </summary>
/// <remarks>
/// Without MemberInfoFilter everything is shown. Limit 0 or absent: all of them. MemberNum is the group's number of members whatever is asked for. Next continues where a page ended, empty at the
/// end; it reads that page only, while Offset reads what it passes over. The reference has it for communities; here for every type.
/// Errors: 10004, 10007 no member, or a live room; 10010, 10015, 10018 more than 1 MB. Source: API reference, groups §4.1.
/// </remarks>
public sealed class ListGroupMembers(GroupStore groups, GroupRoles roles, TimeProvider time) : ICommand<ListGroupMembersRequest, ListGroupMembersResponse>
{
    private const int MostAtOnce = 1_000;

    public async Task<Result<ListGroupMembersResponse>> HandleAsync(Caller caller, ListGroupMembersRequest request, CancellationToken cancellation)
    {
        if (!(await roles.AskAsync(caller, request.GroupId, GroupAction.ReadMembers, cancellation)).TryGet(out var group, out var error))
        {
            return error;
        }

        var viewer = new MemberViewer(caller.Account, group.Role, time.GetUtcNow().ToUnixTimeSeconds());
        var (size, page, skipped) = (new AnswerSize(), new List<RawJson>(), 0);
        var (last, next) = (request.Next, "");
        await foreach (var row in groups.QueryAsync(group.Key, After(request.Next), "u}", cancellation, pageSize: RowsToRead(request)))
        {
            var member = GroupMember.FromRow(row);
            if (!request.Filter.Admits(member) || skipped++ < request.Offset)
            {
                continue;
            }

            if (page.Count == request.Limit)
            {
                next = last;
                break;
            }

            if (size.TryAdd(request.Filter.Describe(caller.App, group.Head, member, viewer), ParleyJson.Wire.MemberDescription) is not { } item)
            {
                return ApiError.GroupAnswerTooLarge;
            }

            page.Add(item);
            last = member.Account;
        }

        return new ListGroupMembersResponse { MemberNum = group.Head.Members, MemberList = page, Next = next };
    }

    // The key that follows that of an account: no key has a blank.
    private static string After(string account) => account.Length == 0 ? GroupMember.Prefix : GroupMember.RowKeyOf(account) + ' ';

    // One more than the page tells whether there are more. Of those of some role there may be few among many.
    private static int RowsToRead(ListGroupMembersRequest request) =>
        request.Limit is { } limit && request.Filter.Roles is null ? (int)Math.Min(MostAtOnce, (long)request.Offset + limit + 1) : MostAtOnce;
}

public sealed record ListGroupMembersRequest(string GroupId, int? Limit, int Offset, string Next, MemberFilter Filter) : IRequest<ListGroupMembersRequest>
{
    private const int MostMembers = 10_000;

    public static ListGroupMembersRequest Read(FieldReader fields)
    {
        var id = fields.GroupId();
        var next = fields.OptionalText("Next", ApiError.GroupParameter) ?? "";
        if (next.Length > 0 && !FieldReader.IsAccount(next))
        {
            fields.Fail(ApiError.GroupParameter.In("Next"));
        }

        return new ListGroupMembersRequest(id, fields.Limit(MostMembers), fields.Offset(), next, MemberFilter.Read(fields));
    }
}

public sealed record ListGroupMembersResponse : Envelope
{
    public required int MemberNum { get; init; }

    public required IReadOnlyList<RawJson> MemberList { get; init; }

    public required string Next { get; init; }
}
