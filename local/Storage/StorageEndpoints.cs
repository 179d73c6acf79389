namespace Parley.Local.Storage;

/// <summary>The three services of one emulated storage account, and the connection string that names them.</summary>
/// <remarks>Account and key are the well-known development ones, public in Azurite's documentation.</remarks>
public sealed record StorageEndpoints(Uri Blob, Uri Queue, Uri Table)
{
    internal const string Account = "devstoreaccount1";
    internal const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public string ConnectionString => ConnectionStringOf(Account);

    /// <summary>One service's address of the account.</summary>
    public static string OfAccount(Uri service) => Of(service, Account);

    /// <summary>That of a further account (<see cref="AzuriteOptions.FurtherAccounts"/>).</summary>
    public string ConnectionStringOf(string account) =>
        $"DefaultEndpointsProtocol={Blob.Scheme};AccountName={account};AccountKey={Key};"
        + $"BlobEndpoint={Of(Blob, account)};QueueEndpoint={Of(Queue, account)};TableEndpoint={Of(Table, account)};";

    private static string Of(Uri service, string account) => $"{service.GetLeftPart(UriPartial.Authority)}/{account}";
}
