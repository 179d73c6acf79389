using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>Decides who may use which copy of a conversation.</summary>
public sealed class ConversationAccess(AccountDirectory accounts, ConversationTable conversations)
{
    /// <summary>
    /// The owner of the copy; 60010 when the caller may not act for it, 90008 when it does not exist, 90003 when the peer does not, unless
    /// there is a conversation with it: what is left of one with a deleted account stays its owner's.
    /// </summary>
    public async ValueTask<Result<AccountKey>> FindOwnerAsync(Caller caller, ConversationReference copy, CancellationToken cancellation)
    {
        var owner = new AccountKey(caller.App.SdkAppId, copy.Owner);
        if (caller.RefuseAs(copy.Owner, copy.OwnerField) is { } forbidden)
        {
            return forbidden;
        }

        if (!await accounts.ExistsAsync(owner, cancellation))
        {
            return ApiError.FromAccountInvalid.In(copy.OwnerField);
        }

        return await accounts.ExistsAsync(new AccountKey(caller.App.SdkAppId, copy.Peer), cancellation) || await conversations.ExistsAsync(owner, copy.Peer, cancellation)
            ? owner
            : ApiError.ReceiverInvalid.In("Peer_Account");
    }
}
