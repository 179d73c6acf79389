using Parley.Groups.Live;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Members;

/// <summary>
/// Has accounts not speak in a group for some time, or speak again. It outlasts leaving and coming back.
/// <code>
/// POST /v4/group_open_http_svc/forbid_send_msg
/// { "GroupId": "hiking-2019", "Members_Account": [ "u_cleo" ], "ShutUpTime": 3600 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// With a TopicId it is for that topic alone, of which they hear with the change only. Units: seconds; 0 unmutes, 4294967295 is for ever; MuteTime is the newer name. No message that is sent after the answer is accepted. Members hear of it: a tip (OpType 7) where the
/// type stores tips, and a change GroupMembers.
/// Errors: 10004, 10005 more than 500, 10007 not permitted, an account whose role is not below the caller's, or a type that has no mutes: nobody is muted then; 10010, 10015, 110003 no such topic.
/// Source: API reference, groups §4.8. Accounts that are no members may be muted too (our choice: a mute outlasts leaving).
/// </remarks>
public sealed class MuteGroupMembers(GroupStore groups, GroupAnnouncements announcements, LiveRooms rooms) : ICommand<MuteGroupMembersRequest, Envelope>
{
    // Three rows for each account: the mute, the member, and in a topic the member of the community.
    private const int AccountsAtOnce = GroupStore.RowsAtOnce / 3;

    public async Task<Result<Envelope>> HandleAsync(Caller caller, MuteGroupMembersRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var (actor, by) = (GroupActor.Of(caller), caller.Doer);
        if (request.Accounts.Count > AccountsAtOnce
            && await groups.ApplyAsync(key, group => FindObjection(group, request.Accounts, actor), cancellation) is { } objection)
        {
            return objection;
        }

        foreach (var batch in request.Accounts.Chunk(AccountsAtOnce))
        {
            var muted = await groups.ApplyAsync(key, group => Mute(group, batch, request.Seconds, actor, by), cancellation);
            rooms.Forget(key);
            if (!muted.TryGet(out var said, out var error))
            {
                return error;
            }

            if (said.Announcement is { } announcement)
            {
                await announcements.SendAsync(key, announcement);
            }
        }

        return Envelope.Ok;
    }

    private static ApiError? FindObjection(GroupPartition group, IReadOnlyList<string> accounts, GroupActor actor)
    {
        if (group.Head is not { } head)
        {
            return group.Key.NotFound;
        }

        var role = group.ActorRole(head, actor);
        // All are looked at, so that all are read at once.
        var objections = accounts.Select(account => GroupMuting.Refuse(group, head, role, account)).ToList();
        return group.Refuse(head, GroupAction.MuteMember, actor) ?? objections.OfType<ApiError>().FirstOrDefault();
    }

    private static Result<Said> Mute(GroupPartition group, string[] accounts, uint seconds, GroupActor actor, string by)
    {
        if (FindObjection(group, accounts, actor) is { } objection)
        {
            return objection;
        }

        var head = group.Head!;
        var until = GroupMuting.Until(group, seconds);
        accounts = [.. accounts.Where(account => !GroupMuting.IsSo(group, account, until))];
        if (accounts.Length == 0)
        {
            return new Said(null);
        }

        group.RefuseChange(head, GroupAction.MuteMember, actor);
        foreach (var account in accounts)
        {
            head = GroupMuting.Set(group, head, account, until);
        }

        var content = MembersChange.Of(accounts.Select(account => new MemberDescription { MemberAccount = account, ShutUpUntil = until, MuteUntil = until }));
        return new Said(GroupAnnouncement.Write(group, head, GroupEvent.Members, by, content, MembersChange.TipOfMute(by, accounts, until)));
    }

    private sealed record Said(GroupAnnouncement? Announcement);
}

public sealed record MuteGroupMembersRequest(string GroupId, IReadOnlyList<string> Accounts, uint Seconds) : IRequest<MuteGroupMembersRequest>
{
    private const int MostAccounts = 500;

    public static MuteGroupMembersRequest Read(FieldReader fields)
    {
        var id = fields.GroupOrTopic();
        var accounts = fields.Accounts("Members_Account", MostAccounts);
        var seconds = fields.MuteSeconds();
        if (seconds is null)
        {
            fields.Fail(ApiError.GroupParameter.In("MuteTime"));
        }

        return new MuteGroupMembersRequest(id, [.. accounts.Distinct()], seconds ?? 0);
    }
}
