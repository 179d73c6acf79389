using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>Whose relations a request is about: field From_Account.</summary>
public readonly record struct RelationOwner(string Account)
{
    private const int MostAccounts = 1_000;

    public static RelationOwner Read(FieldReader fields) => new(fields.Text("From_Account", ApiError.RelationParameter));

    /// <summary>The accounts that a request names, 1 to 1000 unless it may be fewer; which of them can be accounts is not looked at.</summary>
    public static IReadOnlyList<string> ReadPeers(FieldReader fields, int most = MostAccounts)
    {
        var peers = fields.OptionalTexts("To_Account", ApiError.RelationParameter);
        if (peers.Count == 0 || peers.Count > most)
        {
            fields.Fail(ApiError.RelationParameter.In("To_Account"));
        }

        return peers;
    }

    /// <summary>The account; 30004 when the caller may not act for it, 30003 when it does not exist.</summary>
    public async ValueTask<Result<AccountKey>> FindAsync(Caller caller, AccountDirectory accounts, CancellationToken cancellation)
    {
        if (!caller.MayActAs(Account))
        {
            return ApiError.RelationAdminRequired.In("From_Account");
        }

        var owner = new AccountKey(caller.App.SdkAppId, Account);
        return FieldReader.IsAccount(Account) && await accounts.ExistsAsync(owner, cancellation) ? owner : ApiError.RelationAccountUnknown.In("From_Account");
    }
}
