namespace Parley.Local.Storage;

/// <summary>Where Azurite keeps its data and listens. Port 0 lets the kernel choose.</summary>
public sealed record AzuriteOptions
{
    public const int DefaultBlobPort = 10000;
    public const int DefaultQueuePort = 10001;
    public const int DefaultTablePort = 10002;

    /// <summary>Folder of the data files; null keeps everything in memory.</summary>
    public string? Location { get; init; }

    /// <summary>Names of storage accounts beside the usual one, with the same key.</summary>
    public IReadOnlyList<string> FurtherAccounts { get; init; } = [];

    /// <summary>Files (PEM) of certificate and key: then it speaks https, and accepts the tokens of identities beside signatures. It checks issuer, audience and time of these, not who signed them.</summary>
    public (string Certificate, string Key)? Tls { get; init; }

    public int BlobPort { get; init; }

    public int QueuePort { get; init; }

    public int TablePort { get; init; }

    /// <summary>How long the three services may take to answer after the process was started.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
