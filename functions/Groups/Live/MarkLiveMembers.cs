using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>
/// Gives marks to accounts that are in an AVChatRoom, or takes marks from them.
/// <code>
/// POST /v4/group_open_avchatroom_http_svc/modify_user_info
/// { "GroupId": "@TGS#aLIVE01", "CommandType": 1, "MemberList": [ { "Member_Account": "u_eve", "Marks": [ 1001 ] } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "CommandType": 1, "MemberList": [ { "Member_Account": "u_eve", "Marks": [ 1001 ] } ] }
/// </code>
/// </summary>
/// <remarks>
/// CommandType: 1 set, 2 delete. The answer has those for whom it was done; who is not among the latest 1,000 in the room is left out. A mark ends when its account leaves.
/// Mark 500: stays in without being connected, for three days; 600: is not listed.
/// Errors: 10004 a parameter or an eleventh mark in the room, 10005 more than 500 accounts, 10007 the caller may not or no AVChatRoom, 10010, 10015.
/// Source: API reference, groups §7.3. Ours: owner and administrators may.
/// </remarks>
public sealed class MarkLiveMembers(GroupStore groups, ListenedRoomTable listened, TimeProvider time) : ICommand<MarkLiveMembersRequest, MarkLiveMembersResponse>
{
    private const int AtOnce = 16;

    public async Task<Result<MarkLiveMembersResponse>> HandleAsync(Caller caller, MarkLiveMembersRequest request, CancellationToken cancellation)
    {
        var room = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var marked = await groups.ApplyAsync(room, group => Mark(group, request, GroupActor.Of(caller)), cancellation);
        if (!marked.TryGet(out var done, out var error))
        {
            return error;
        }

        await KeepAsync(room, [.. done.Where(member => member.Marks.Contains(LiveMark.AlwaysOnline)).Select(member => member.MemberAccount)], request.IsSetting);
        return new MarkLiveMembersResponse { CommandType = request.IsSetting ? 1 : 2, MemberList = done };
    }

    private static Result<IReadOnlyList<MarkedMember>> Mark(GroupPartition group, MarkLiveMembersRequest request, GroupActor actor)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (group.RefuseChange(head, GroupAction.SetLiveAdmin, actor) is { } refusal)
        {
            return refusal;
        }

        var attendance = RoomAttendance.FromRow(group.Rows.Get(RoomAttendance.RowKey));
        var done = new List<MarkedMember>();
        foreach (var member in request.Members)
        {
            if (attendance.Find(member.MemberAccount) is { } attendant)
            {
                attendance.Mark(attendant, request.IsSetting ? attendant.Marks.Union(member.Marks) : attendant.Marks.Except(member.Marks));
                done.Add(member);
            }
        }

        if (attendance.Attendants.SelectMany(attendant => attendant.Marks).Distinct().Count() > LiveMark.MostInRoom)
        {
            return ApiError.GroupParameter.In("Marks");
        }

        if (done.Count > 0)
        {
            group.Rows.Put(attendance.ToRow());
        }

        return done;
    }

    // Who stays in without being connected is asked of the account's own row, when it goes.
    private async Task KeepAsync(GroupKey room, IReadOnlyList<string> accounts, bool isSetting)
    {
        var until = isSetting ? (time.GetUtcNow() + LiveMark.AlwaysOnlineTime).ToUnixTimeSeconds() : 0;
        await Parallel.ForEachAsync(accounts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (account, token) =>
            await listened.ChangeAsync(
                LiveListener.Of(new AccountKey(room.SdkAppId, account)), known => known.GroupId == room.GroupId ? known with { KeptUntil = until } : known, token));
    }
}

public sealed record MarkLiveMembersRequest(string GroupId, bool IsSetting, IReadOnlyList<MarkedMember> Members) : IRequest<MarkLiveMembersRequest>
{
    private const int MostAccounts = 500;

    public static MarkLiveMembersRequest Read(FieldReader fields)
    {
        var (id, type) = (fields.GroupId(), fields.Integer("CommandType", ApiError.GroupParameter));
        if (type is not (1 or 2))
        {
            fields.Fail(ApiError.GroupParameter.In("CommandType"));
        }

        var members = fields.Objects("MemberList", ApiError.GroupParameter);
        if (members.Count is 0 or > MostAccounts)
        {
            fields.Fail(members.Count == 0 ? ApiError.GroupParameter.In("MemberList") : ApiError.TooManyMembersNamed.In("MemberList"));
        }

        return new MarkLiveMembersRequest(
            id, type == 1, [.. members.Take(MostAccounts).Select(member => new MarkedMember(member.Account("Member_Account", ApiError.GroupParameter), ReadMarks(member)))]);
    }

    private static List<long> ReadMarks(FieldReader member)
    {
        var marks = member.Array("Marks", ApiError.GroupParameter)
            .Select(mark => mark.ValueKind == JsonValueKind.Number && mark.TryGetInt64(out var number) && LiveMark.IsValid(number) ? number : 0).ToList();
        if (marks.Contains(0) || marks.Count > LiveMark.MostInRoom)
        {
            member.Fail(ApiError.GroupParameter.In("Marks"));
        }

        return marks;
    }
}

public sealed record MarkedMember([property: JsonPropertyName("Member_Account")] string MemberAccount, IReadOnlyList<long> Marks);

public sealed record MarkLiveMembersResponse : Envelope
{
    public required int CommandType { get; init; }

    public required IReadOnlyList<MarkedMember> MemberList { get; init; }
}
