using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Conversations;

/// <summary>Whose conversations a request is about: <c>From_Account</c>, the caller itself if absent.</summary>
public sealed record ContactOwner(string? Account)
{
    private const string Field = "From_Account";

    public static ContactOwner Read(FieldReader fields) => new(fields.OptionalAccount(Field, ApiError.ConversationParameter));

    /// <summary>The owner; 60010 when the caller may not act for it, 50001 when it does not exist.</summary>
    public async ValueTask<Result<AccountKey>> FindAsync(Caller caller, AccountDirectory accounts, CancellationToken cancellation)
    {
        var owner = new AccountKey(caller.App.SdkAppId, Account ?? caller.Account);
        return caller.RefuseAs(Account, Field) is { } forbidden ? forbidden
            : await accounts.ExistsAsync(owner, cancellation) ? owner
            : ApiError.ConversationAccount.In(Field);
    }
}
