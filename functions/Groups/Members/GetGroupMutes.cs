using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Groups.Members;

/// <summary>
/// Says who may not speak in a group, members or not. <c>get_group_shutted_uin</c> and <c>get_group_muted_account</c> are the same; both lists are answered.
/// <code>
/// POST /v4/group_open_http_svc/get_group_shutted_uin
/// { "GroupId": "hiking-2019" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "GroupId": "hiking-2019",
///     "ShuttedUinList": [ { "Member_Account": "u_cleo", "ShuttedUntil": 1560003600 } ], "MutedAccountList": [ { "Member_Account": "u_cleo", "MutedUntil": 1560003600 } ] }
/// </code>
/// </summary>
/// <remarks>
/// With a TopicId, in that topic. Units: Unix seconds; 4294967295 is for ever. Errors: 10004, 10007 not permitted or a BChatRoom, 10010, 10015, 10018 more than 1 MB, 110003 no such topic. Source: API reference, groups §4.9.
/// </remarks>
public sealed class GetGroupMutes(GroupStore groups, GroupRoles roles, TimeProvider time) : ICommand<GroupOrTopicRequest, GetGroupMutesResponse>
{
    public async Task<Result<GetGroupMutesResponse>> HandleAsync(Caller caller, GroupOrTopicRequest request, CancellationToken cancellation)
    {
        if (!(await roles.AskAsync(caller, request.GroupId, GroupAction.ReadMutes, cancellation)).TryGet(out var group, out var error))
        {
            return error;
        }

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var (size, shutted, muted) = (new AnswerSize(), new List<RawJson>(), new List<RawJson>());
        if (group.Head.Mutes > 0)
        {
            await foreach (var row in groups.QueryAsync(group.Key, GroupMute.Prefix, "q}", cancellation))
            {
                var mute = GroupMute.FromRow(row);
                if (mute.Until <= now)
                {
                    continue;
                }

                if (size.TryAdd(new ShuttedAccount(mute.Account, mute.Until), ParleyJson.Wire.ShuttedAccount) is not { } older
                    || size.TryAdd(new MutedAccount(mute.Account, mute.Until), ParleyJson.Wire.MutedAccount) is not { } newer)
                {
                    return ApiError.GroupAnswerTooLarge;
                }

                shutted.Add(older);
                muted.Add(newer);
            }
        }

        return new GetGroupMutesResponse { GroupId = group.Key.Group.GroupId, ShuttedUinList = shutted, MutedAccountList = muted };
    }
}

public sealed record GetGroupMutesResponse : Envelope
{
    public required string GroupId { get; init; }

    public required IReadOnlyList<RawJson> ShuttedUinList { get; init; }

    public required IReadOnlyList<RawJson> MutedAccountList { get; init; }
}

public sealed record ShuttedAccount([property: JsonPropertyName("Member_Account")] string MemberAccount, long ShuttedUntil);

public sealed record MutedAccount([property: JsonPropertyName("Member_Account")] string MemberAccount, long MutedUntil);
