using Parley.Accounts;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Conversations;

/// <summary>Says which conversations an account can name: with every account there is, and with those that it has talked to before they went.</summary>
public sealed class ContactDirectory(AccountDirectory accounts, ConversationTable conversations)
{
    /// <summary>Why a conversation cannot be named; null when it can.</summary>
    /// <remarks>51007 for every group: there are none yet.</remarks>
    public async ValueTask<ApiError?> CheckAsync(AccountKey owner, ContactItem item, CancellationToken cancellation)
    {
        if (item.IsGroup)
        {
            return ApiError.ConversationOfNoGroup;
        }

        var peer = item.ToAccount!;
        return await accounts.ExistsAsync(owner with { Account = peer }, cancellation) || await conversations.ExistsAsync(owner, peer, cancellation)
            ? null
            : ApiError.ConversationAccount.In("To_Account");
    }
}
