using Amqp;

namespace Parley.Delivery.ServiceBus;

/// <summary>How a connection proves who it is.</summary>
internal enum BusLogin
{
    /// <summary>A token of the app's identity, put to <c>$cbs</c>.</summary>
    Identity,

    /// <summary>A token signed with a shared access key, put to <c>$cbs</c>.</summary>
    SharedKey,

    /// <summary>Name and password while connecting (SASL PLAIN): brokers that are not Service Bus.</summary>
    Password,
}

/// <summary>Where the broker is and how one logs in there.</summary>
/// <remarks>Source: the service's contract, AMQP. <c>UseDevelopmentEmulator=true</c> means no TLS, as in Microsoft's SDK; an Endpoint of scheme amqp(s) is ours, for any AMQP 1.0 broker.</remarks>
internal sealed record BusAddress(string Host, int Port, bool UsesTls, BusLogin Login, string KeyName = "", string Key = "")
{
    private const int PlainPort = 5672;
    private const int TlsPort = 5671;

    /// <summary>Whether it is Service Bus, or a stand-in: it knows batches, sessions and schedules.</summary>
    public bool IsServiceBus => Login != BusLogin.Password;

    public static bool TryParse(ServiceBusOptions options, out BusAddress address)
    {
        var found = !string.IsNullOrEmpty(options.ConnectionString) ? OfConnectionString(options.ConnectionString)
            : !string.IsNullOrEmpty(options.Namespace) ? OfNamespace(options.Namespace)
            : null;
        address = found!;
        return found is not null;
    }

    /// <summary>Null when it is none.</summary>
    public static BusAddress? OfConnectionString(string text)
    {
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2)).Where(part => part.Length == 2)
            .GroupBy(part => part[0].Trim(), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(part => part.Key, part => part.First()[1].Trim(), StringComparer.OrdinalIgnoreCase);
        if (!Uri.TryCreate(parts.GetValueOrDefault("Endpoint"), UriKind.Absolute, out var endpoint) || endpoint.Host.Length == 0
            || !parts.TryGetValue("SharedAccessKeyName", out var name) || !parts.TryGetValue("SharedAccessKey", out var key))
        {
            return null;
        }

        var isEmulator = string.Equals(parts.GetValueOrDefault("UseDevelopmentEmulator"), "true", StringComparison.OrdinalIgnoreCase);
        return endpoint.Scheme switch
        {
            "sb" => Create(endpoint, !isEmulator, BusLogin.SharedKey, name, key),
            "amqp" or "amqps" => Create(endpoint, endpoint.Scheme == "amqps", BusLogin.Password, name, key),
            _ => null,
        };
    }

    public Address ToAmqp() => Login == BusLogin.Password
        ? new Address(Host, Port, KeyName, Key, "/", Scheme)
        : new Address(Host, Port, null, null, "/", Scheme);

    private string Scheme => UsesTls ? "amqps" : "amqp";

    private static BusAddress? OfNamespace(string text)
    {
        var url = text.Contains("://", StringComparison.Ordinal) ? text : $"amqps://{text}";
        return Uri.TryCreate(url, UriKind.Absolute, out var endpoint) && endpoint.Host.Length > 0
            && (endpoint.Scheme == "amqps" || (endpoint.Scheme == "amqp" && endpoint.IsLoopback))
                ? Create(endpoint, endpoint.Scheme == "amqps", BusLogin.Identity)
                : null;
    }

    private static BusAddress Create(Uri endpoint, bool usesTls, BusLogin login, string name = "", string key = "") =>
        new(endpoint.Host, endpoint.Port > 0 ? endpoint.Port : usesTls ? TlsPort : PlainPort, usesTls, login, name, key);
}
