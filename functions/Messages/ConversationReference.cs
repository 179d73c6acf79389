using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>One side's copy of a conversation as requests name it: its owner under a field of the command's own, and <c>Peer_Account</c>.</summary>
public sealed record ConversationReference(string Owner, string Peer, string OwnerField)
{
    public static ConversationReference Read(FieldReader fields, string ownerField) => new(
        fields.Account(ownerField, ApiError.FromAccountInvalid), fields.Account("Peer_Account", ApiError.ReceiverInvalid), ownerField);

    /// <summary>Whether both accounts exist and the caller may act for the owner; the error if not.</summary>
    public async ValueTask<ApiError?> CheckAsync(Caller caller, AccountDirectory accounts, CancellationToken cancellation) =>
        !caller.MayActAs(Owner) ? ApiError.AdminRequired.In(OwnerField)
        : !await accounts.ExistsAsync(new AccountKey(caller.App.SdkAppId, Owner), cancellation) ? ApiError.FromAccountInvalid.In(OwnerField)
        : !await accounts.ExistsAsync(new AccountKey(caller.App.SdkAppId, Peer), cancellation) ? ApiError.ReceiverInvalid.In("Peer_Account")
        : null;
}
