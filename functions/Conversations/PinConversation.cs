using Parley.Accounts;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>
/// Pins a conversation to the top of its owner's list, or takes it down. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/recentcontact/set_top
/// { "From_Account": "jonas", "ContactItem": { "Type": 1, "To_Account": "mia.k" }, "TopFlag": 1 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// Errors: 50001 unknown account, 50002 a parameter, 51007 a group that the account is not in, 51012 50 are pinned, 60010 another account's list. Our own command; the reference's
/// clients have the function, and its error list the limit.
/// </remarks>
public sealed class PinConversation(AccountDirectory accounts, SettingsWriter settings) : ICommand<PinConversationRequest, DisplayEnvelope>
{
    public async Task<Result<DisplayEnvelope>> HandleAsync(Caller caller, PinConversationRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var error = await settings.SetAsync(owner, request.Item, before => before with { IsPinned = request.IsPinned }, cancellation);
        return error is null ? DisplayEnvelope.Ok : error;
    }
}

public sealed record PinConversationRequest(ContactOwner Owner, ContactItem Item, bool IsPinned) : IRequest<PinConversationRequest>
{
    public static PinConversationRequest Read(FieldReader fields)
    {
        var (owner, item) = (ContactOwner.Read(fields), ContactItem.ReadField(fields));
        var flag = fields.Integer("TopFlag", ApiError.ConversationParameter);
        if (flag is not (0 or 1))
        {
            fields.Fail(ApiError.ConversationParameter.In("TopFlag"));
        }

        return new PinConversationRequest(owner, item, flag == 1);
    }
}
