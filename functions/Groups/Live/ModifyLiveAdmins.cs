using Parley.Accounts;
using Parley.Groups.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>
/// Makes accounts admins of an AVChatRoom, or ends that.
/// <code>
/// POST /v4/group_open_avchatroom_http_svc/modify_admin
/// { "GroupId": "@TGS#aLIVE01", "CommandType": 1, "Admin_Account": [ "u_mod1" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// CommandType: 1 set, 2 cancel. Those in the room hear of it. An account need not be in the room. Owner and administrators may do it; the owner is no admin.
/// Errors: 10004 a parameter or the owner, 10005 a sixth admin, 10007 the caller may not or no AVChatRoom, 10010, 10015, 10019 unknown account.
/// Source: API reference, groups §7.5; the codes are our choice.
/// </remarks>
public sealed class ModifyLiveAdmins(GroupStore groups, LiveRooms rooms, LiveTips tips, AccountDirectory accounts) : ICommand<ModifyLiveAdminsRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, ModifyLiveAdminsRequest request, CancellationToken cancellation)
    {
        var room = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if ((await rooms.FindAsync(room, GroupAction.SetLiveAdmin, GroupActor.Of(caller), cancellation)).Error is { } refusal)
        {
            return refusal;
        }

        foreach (var account in request.IsSetting ? request.Accounts : [])
        {
            if (!await accounts.ExistsAsync(new AccountKey(room.SdkAppId, account), cancellation))
            {
                return ApiError.GroupAccountNotFound.In(account);
            }
        }

        var changed = await groups.ApplyAsync(room, group => Change(group, request, GroupActor.Of(caller)), cancellation);
        rooms.Forget(room);
        if (!changed.TryGet(out var epoch, out var error))
        {
            return error;
        }

        foreach (var account in request.Accounts)
        {
            tips.Add(room, epoch, request.IsSetting ? TipKindOfChange.SetAdmin : TipKindOfChange.CancelAdmin, account);
        }

        return Envelope.Ok;
    }

    private static Result<long> Change(GroupPartition group, ModifyLiveAdminsRequest request, GroupActor actor)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (group.RefuseChange(head, GroupAction.SetLiveAdmin, actor) is { } refusal)
        {
            return refusal;
        }

        var admins = LiveAdmins.Of(group.Rows);
        admins = request.IsSetting ? [.. admins.Union(request.Accounts)] : [.. admins.Except(request.Accounts)];
        if (admins.Contains(head.Owner))
        {
            return ApiError.GroupParameter.In("Admin_Account");
        }

        if (admins.Count > LiveAdmins.Most)
        {
            return ApiError.TooManyMembersNamed.In("Admin_Account");
        }

        LiveAdmins.Put(group.Rows, admins);
        group.Put(head);
        return head.Epoch;
    }
}

public sealed record ModifyLiveAdminsRequest(string GroupId, bool IsSetting, IReadOnlyList<string> Accounts) : IRequest<ModifyLiveAdminsRequest>
{
    public static ModifyLiveAdminsRequest Read(FieldReader fields)
    {
        var (id, type) = (fields.GroupId(), fields.Integer("CommandType", ApiError.GroupParameter));
        if (type is not (1 or 2))
        {
            fields.Fail(ApiError.GroupParameter.In("CommandType"));
        }

        return new ModifyLiveAdminsRequest(id, type == 1, [.. fields.Accounts("Admin_Account", LiveAdmins.Most).Distinct()]);
    }
}
