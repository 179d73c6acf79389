using Parley.Accounts;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>
/// Says whether messages of a conversation shall notify its owner. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/recentcontact/set_recv_opt
/// { "From_Account": "jonas", "ContactItem": { "Type": 1, "To_Account": "mia.k" }, "RecvOpt": "AcceptNotNotify" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// RecvOpt: AcceptAndNotify (as at first) or AcceptNotNotify, the names that groups have for it. Messages come either way.
/// Errors: 50001 unknown account, 50002 a parameter, 51007 a group that the account is not in, 60010 another account's conversation. Our own command.
/// </remarks>
public sealed class SetReceiveOption(AccountDirectory accounts, SettingsWriter settings) : ICommand<SetReceiveOptionRequest, DisplayEnvelope>
{
    public async Task<Result<DisplayEnvelope>> HandleAsync(Caller caller, SetReceiveOptionRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var error = await settings.SetAsync(owner, request.Item, before => before with { IsMuted = request.IsMuted }, cancellation);
        return error is null ? DisplayEnvelope.Ok : error;
    }
}

public sealed record SetReceiveOptionRequest(ContactOwner Owner, ContactItem Item, bool IsMuted) : IRequest<SetReceiveOptionRequest>
{
    public static SetReceiveOptionRequest Read(FieldReader fields)
    {
        var (owner, item) = (ContactOwner.Read(fields), ContactItem.ReadField(fields));
        var option = fields.Text("RecvOpt", ApiError.ConversationParameter);
        if (option is not (ConversationSettings.AcceptAndNotify or ConversationSettings.AcceptNotNotify))
        {
            fields.Fail(ApiError.ConversationParameter.In("RecvOpt"));
        }

        return new SetReceiveOptionRequest(owner, item, option == ConversationSettings.AcceptNotNotify);
    }
}
