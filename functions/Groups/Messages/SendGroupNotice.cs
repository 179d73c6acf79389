using System.Text;
using System.Text.Json;
using Parley.Apps;
using Parley.Delivery;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>
/// Tells members of a group something of the app's own.
/// <code>
/// POST /v4/group_open_http_svc/send_group_system_notification
/// { "GroupId": "hiking-2019", "ToMembers_Account": [ "u_ben" ], "Content": "{\"event\":\"refresh\"}" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Who is connected hears a GroupNotice with the content as its Content; it is stored nowhere. Without ToMembers_Account everybody, in a BChatRoom every connection of the app; at most 500 else, and of these the members.
/// Errors: 10004, 10005 more than 500, 10007 a live room and not to all, 10010, 10015, 110003 no such topic, 60010 not an administrator, 80002 too large. Source: API reference, groups §5.2.
/// </remarks>
public sealed class SendGroupNotice(GroupStore groups, GroupDelivery delivery, Outbox outbox, TimeProvider time) : ICommand<SendGroupNoticeRequest, Envelope>
{
    private const int AtOnce = 16;

    public async Task<Result<Envelope>> HandleAsync(Caller caller, SendGroupNoticeRequest request, CancellationToken cancellation)
    {
        if (Encoding.UTF8.GetByteCount(request.Content) > caller.App.MaxMessageBytes)
        {
            return ApiError.GroupMessageTooLarge;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            return key.NotFound;
        }

        if (request.Accounts.Count > 0 && GroupRights.Refuse(head.Type, GroupAction.NotifySome, GroupRole.AppAdmin) is { } refusal)
        {
            return refusal;
        }

        await TellAsync(key, head, request.Accounts, ToEvent(key, head, request.Content), cancellation);
        return Envelope.Ok;
    }

    private async Task TellAsync(GroupKey key, GroupHead head, IReadOnlyList<string> accounts, GroupEvent notice, CancellationToken cancellation)
    {
        if (accounts.Count == 0)
        {
            await delivery.SendAsync(key, head.Type, head.HeardEpoch, notice);
        }
        else
        {
            var json = notice.ToJson();
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
            await Parallel.ForEachAsync(accounts.Distinct(), parallel, async (account, token) =>
            {
                if (await groups.ReadMemberAsync(key.Group, account, token) is not null)
                {
                    await outbox.SendAsync(new AccountKey(key.SdkAppId, account), json);
                }
            });
        }
    }

    private GroupEvent ToEvent(GroupKey key, GroupHead head, string content) => new()
    {
        Type = GroupEvent.Notice,
        GroupId = key.Group.GroupId,
        TopicId = key.TopicId,
        Epoch = head.Epoch,
        MsgTimeStamp = time.GetUtcNow().ToUnixTimeSeconds(),
        Content = new RawJson(JsonSerializer.Serialize(content, ParleyJson.Wire.String)),
    };
}

public sealed record SendGroupNoticeRequest(string GroupId, string Content, IReadOnlyList<string> Accounts) : IRequest<SendGroupNoticeRequest>
{
    private const int MostAccounts = 500;

    public static SendGroupNoticeRequest Read(FieldReader fields)
    {
        var (id, content) = (fields.GroupOrTopic(), fields.Text("Content", ApiError.GroupParameter));
        var isToAll = fields.Element("ToMembers_Account") is not { } list || (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 0);
        return new SendGroupNoticeRequest(id, content, isToAll ? [] : fields.Accounts("ToMembers_Account", MostAccounts));
    }
}
