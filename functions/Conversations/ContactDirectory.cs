using Parley.Accounts;
using Parley.Groups.Messages;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Conversations;

/// <summary>
/// Says which conversations an account can name: with every account there is, with those that it has talked to before they went, and with groups that it is in.
/// </summary>
public sealed class ContactDirectory(AccountDirectory accounts, ConversationTable conversations, GroupConversations groups)
{
    /// <summary>Why a conversation cannot be named; null when it can.</summary>
    /// <remarks>51007 for a group that the account is not in, and for live rooms, which store no members.</remarks>
    public async ValueTask<ApiError?> CheckAsync(AccountKey owner, ContactItem item, CancellationToken cancellation)
    {
        if (item.IsGroup)
        {
            return await groups.ExistsAsync(owner, item.ToGroupId!, cancellation) ? null : ApiError.ConversationOfNoGroup;
        }

        var peer = item.ToAccount!;
        return await accounts.ExistsAsync(owner with { Account = peer }, cancellation) || await conversations.ExistsAsync(owner, peer, cancellation)
            ? null
            : ApiError.ConversationAccount.In("To_Account");
    }
}
