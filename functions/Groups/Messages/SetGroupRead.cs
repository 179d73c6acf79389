using Parley.Delivery;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>
/// Notes how far a member has read a group. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/group_open_http_svc/group_msg_read
/// { "GroupId": "hiking-2019", "MsgSeq": 41 }
/// → { "ActionStatus": "OK", …, "ReadSeq": 41, "UnreadMsgNum": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Everything up to MsgSeq is read; the position never moves back, nor beyond the last message. The member's own devices hear a GroupRead if that was new. An administrator names the member as Owner_Account.
/// Errors: 10004, 10007 not a member or a live room, 10010, 10015, 110003 no such topic, 60010 another account. Our own command.
/// </remarks>
public sealed class SetGroupRead(GroupReadPositions positions, Outbox outbox) : ICommand<SetGroupReadRequest, SetGroupReadResponse>
{
    public async Task<Result<SetGroupReadResponse>> HandleAsync(Caller caller, SetGroupReadRequest request, CancellationToken cancellation)
    {
        var account = request.Owner ?? caller.Account;
        if (caller.RefuseAs(account, "Owner_Account") is { } forbidden)
        {
            return forbidden;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (!(await positions.MoveAsync(key, account, request.UpTo, cancellation)).TryGet(out var state, out var error))
        {
            return error;
        }

        if (state.HasMoved)
        {
            await outbox.SendAsync(new AccountKey(key.SdkAppId, account), state.ToEvent(key).ToJson());
        }

        return new SetGroupReadResponse { ReadSeq = state.ReadSeq, UnreadMsgNum = state.Unread };
    }
}

public sealed record SetGroupReadRequest(string GroupId, string? Owner, long UpTo) : IRequest<SetGroupReadRequest>
{
    public static SetGroupReadRequest Read(FieldReader fields) => new(
        fields.GroupOrTopic(), fields.OptionalAccount("Owner_Account", ApiError.GroupParameter), fields.MessageNumber());
}

public sealed record SetGroupReadResponse : Envelope
{
    public required long ReadSeq { get; init; }

    public required long UnreadMsgNum { get; init; }
}
