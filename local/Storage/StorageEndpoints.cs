namespace Parley.Local.Storage;

/// <summary>The three services of one emulated storage account, and the connection string that names them.</summary>
/// <remarks>Account and key are the well-known development ones, public in Azurite's documentation.</remarks>
public sealed record StorageEndpoints(Uri Blob, Uri Queue, Uri Table)
{
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public string ConnectionString =>
        $"DefaultEndpointsProtocol={Blob.Scheme};AccountName={Account};AccountKey={Key};"
        + $"BlobEndpoint={OfAccount(Blob)};QueueEndpoint={OfAccount(Queue)};TableEndpoint={OfAccount(Table)};";

    /// <summary>One service's address of the account.</summary>
    public static string OfAccount(Uri service) => $"{service.GetLeftPart(UriPartial.Authority)}/{Account}";
}
