namespace Parley.Delivery;

/// <summary>Tokens for the SignalR service: with the access key of its connection string, or as the app's identity.</summary>
public interface ISignalRAuthorization
{
    /// <summary>The token of a call of the service's REST data plane.</summary>
    /// <param name="url">What is called, without its query.</param>
    /// <exception cref="HttpRequestException">There is none now.</exception>
    ValueTask<string> TokenForCallAsync(string url, CancellationToken cancellation);

    /// <summary>The token with which a client connects, good for an hour or a little less.</summary>
    /// <param name="audience">As <see cref="SignalREndpoint.ClientAudience"/> gives it.</param>
    /// <exception cref="HttpRequestException">There is none now.</exception>
    ValueTask<string> TokenForClientAsync(string audience, (string Name, string Value)[] claims, CancellationToken cancellation);
}
