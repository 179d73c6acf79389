namespace Parley.Local.Storage;

/// <summary>The three services of one emulated storage account, and the connection string that names them.</summary>
/// <remarks>Account and key are the well-known development ones, public in Azurite's documentation.</remarks>
public sealed record StorageEndpoints(Uri Blob, Uri Queue, Uri Table)
{
    internal const string Account = "devstoreaccount1";
    internal const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public string ConnectionString => ConnectionStringOf(Account);

    /// <summary>That of a further account (<see cref="AzuriteOptions.FurtherAccounts"/>).</summary>
    public string ConnectionStringOf(string account)
    {
        return $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={Key};"
            + $"BlobEndpoint={Of(Blob)};QueueEndpoint={Of(Queue)};TableEndpoint={Of(Table)};";

        string Of(Uri service) => $"{service.GetLeftPart(UriPartial.Authority)}/{account}";
    }
}
