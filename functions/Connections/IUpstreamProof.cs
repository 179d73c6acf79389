namespace Parley.Connections;

/// <summary>Tells the service's upstream calls from those of others: by the access key that both know, or by the token of the service's identity.</summary>
public interface IUpstreamProof
{
    /// <summary>Whether the call is the service's.</summary>
    ValueTask<bool> IsFromServiceAsync(HttpRequest request, string connectionId, CancellationToken cancellation);
}
