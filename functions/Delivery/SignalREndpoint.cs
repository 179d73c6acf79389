using System.Globalization;
using Microsoft.Extensions.Options;

namespace Parley.Delivery;

/// <summary>Where the service is: the parts of its connection string, or its endpoint alone.</summary>
/// <remarks>Source: the service's contract, connection string. Keys are case-insensitive; the access key's text is the signing key.</remarks>
public sealed class SignalREndpoint
{
    private readonly string _hub;
    private readonly string _clientAddress;

    public SignalREndpoint(IOptions<SignalROptions> options)
    {
        _hub = options.Value.Hub;
        if (options.Value is { ConnectionString: "", Endpoint: { } identified })
        {
            BaseAddress = _clientAddress = identified.GetLeftPart(UriPartial.Authority);
            return;
        }

        var parts = options.Value.ConnectionString.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2)
            .ToDictionary(part => part[0].Trim(), part => part[1].Trim(), StringComparer.OrdinalIgnoreCase);
        if (!parts.TryGetValue("Endpoint", out var endpoint) || !parts.TryGetValue("AccessKey", out var accessKey))
        {
            throw new InvalidOperationException("SignalR:ConnectionString must name an Endpoint and an AccessKey.");
        }

        AccessKey = accessKey;
        BaseAddress = endpoint.TrimEnd('/');
        if (parts.TryGetValue("Port", out var port))
        {
            BaseAddress = $"{BaseAddress}:{port}";
        }

        _clientAddress = parts.GetValueOrDefault("ClientEndpoint", BaseAddress).TrimEnd('/');
    }

    /// <summary>Null where the app is known by its identity.</summary>
    public string? AccessKey { get; }

    /// <summary>Without a trailing slash.</summary>
    public string BaseAddress { get; }

    /// <summary>The hub of an app: each has its own, so that a broadcast to a hub reaches one app's clients.</summary>
    public string HubOf(uint sdkAppId) => string.Create(CultureInfo.InvariantCulture, $"{_hub}_{sdkAppId}");

    /// <summary>Where the app's clients connect.</summary>
    public string ClientUrl(uint sdkAppId) => $"{_clientAddress}/client/?hub={HubOf(sdkAppId)}";

    /// <summary>What a client's token is for.</summary>
    public string ClientAudience(uint sdkAppId) => $"{BaseAddress}/client/?hub={HubOf(sdkAppId)}";
}
