using Microsoft.Extensions.Options;

namespace Parley.Delivery;

/// <summary>The parts of the service's connection string.</summary>
/// <remarks>Source: the service's contract, connection string. Keys are case-insensitive; the access key's text is the signing key.</remarks>
public sealed class SignalREndpoint
{
    public SignalREndpoint(IOptions<SignalROptions> options)
    {
        Hub = options.Value.Hub;
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

        ClientUrl = $"{parts.GetValueOrDefault("ClientEndpoint", BaseAddress).TrimEnd('/')}/client/?hub={Hub}";
        ClientAudience = $"{BaseAddress}/client/?hub={Hub}";
    }

    public string Hub { get; }

    public string AccessKey { get; }

    /// <summary>Without a trailing slash.</summary>
    public string BaseAddress { get; }

    /// <summary>Where clients connect.</summary>
    public string ClientUrl { get; }

    /// <summary>What a client's token is for.</summary>
    public string ClientAudience { get; }
}
