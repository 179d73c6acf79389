using Parley.Rest;

namespace Parley.Messages;

/// <summary>One side's copy of a conversation as requests name it: its owner under a field of the command's own, and <c>Peer_Account</c>.</summary>
public sealed record ConversationReference(string Owner, string Peer, string OwnerField)
{
    public static ConversationReference Read(FieldReader fields, string ownerField) => new(
        fields.Account(ownerField, ApiError.FromAccountInvalid), fields.Account("Peer_Account", ApiError.ReceiverInvalid), ownerField);
}
