namespace Parley.Local.FunctionsHost;

/// <summary>What the host says about itself on every request to the handler.</summary>
internal static class HostHeaders
{
    public const string InvocationId = "X-Azure-Functions-InvocationId";
    public const string HostVersion = "X-Azure-Functions-HostVersion";
    public const string CorrelationId = "x-ms-invocation-id";
    public const string UserAgent = "Azure-Functions-Host";

    /// <summary>The version of the real host whose behaviour is imitated: the first line of versions that can proxy.</summary>
    public const string Version = "4.1052.0";
}
