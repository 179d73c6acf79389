using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Web;
using Amqp;
using Amqp.Listener;
using Parley.Local.Identity;

namespace Parley.Local.ServiceBus;

/// <summary>What one connection may do: the tokens that were put on it, and until when they are good.</summary>
internal sealed class BusPeer(ServiceBusEmulatorOptions options)
{
    private const string EntraAudience = "https://servicebus.azure.net";

    private readonly ConcurrentDictionary<string, DateTimeOffset> _grants = new(StringComparer.Ordinal);

    /// <summary>Links to which answers go, by the address that the client gave them.</summary>
    public ConcurrentDictionary<string, CbsReplyEndpoint> Replies { get; } = new(StringComparer.Ordinal);

    public static BusPeer Of(Link link, ServiceBusEmulatorOptions options)
    {
        var properties = ((ListenerConnection)link.Session.Connection).Properties;
        lock (properties)
        {
            if (!properties.TryGetValue(nameof(BusPeer), out var peer))
            {
                properties[nameof(BusPeer)] = peer = new BusPeer(options);
            }

            return (BusPeer)peer;
        }
    }

    /// <summary>Whether a token for the queue, or for the whole namespace, is good now.</summary>
    public bool MayUse(string queue) => _grants.Any(grant => (grant.Key == $"/{queue}" || grant.Key == "/") && options.Time.GetUtcNow() < grant.Value);

    /// <summary>Takes a token.</summary>
    /// <returns>What is wrong with it; null when it counts from now on.</returns>
    public async Task<string?> PutAsync(string? type, string? name, string token)
    {
        if (!Uri.TryCreate(name, UriKind.Absolute, out var audience))
        {
            return $"The name '{name}' is no URI.";
        }

        switch (type)
        {
            case "jwt":
                var problem = options.Entra is null ? "No Entra tokens are accepted here." : await options.Entra.ProblemAsync(token, EntraAudience, options.Time);
                if (problem is null)
                {
                    _grants[audience.AbsolutePath] = EntraTrust.EndOf(token);
                }

                return problem;
            case "servicebus.windows.net:sastoken":
                return PutSignature(audience, token);
            default:
                return $"Tokens of type '{type}' are not known.";
        }
    }

    private string? PutSignature(Uri audience, string token)
    {
        const string Scheme = "SharedAccessSignature ";
        var parts = (token.StartsWith(Scheme, StringComparison.Ordinal) ? token[Scheme.Length..] : "").Split('&')
            .Select(part => part.Split('=', 2)).Where(part => part.Length == 2).ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal);
        if (!parts.TryGetValue("sr", out var resource) || !parts.TryGetValue("sig", out var signature) || !parts.TryGetValue("se", out var expiry)
            || !parts.TryGetValue("skn", out var keyName) || !long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return "The token is no shared access signature.";
        }

        var expected = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Key), Encoding.UTF8.GetBytes($"{resource}\n{expiry}")));
        if (HttpUtility.UrlDecode(keyName) != options.KeyName || HttpUtility.UrlDecode(signature) != expected)
        {
            return "The signature is not made with a key of this namespace.";
        }

        var end = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (end <= options.Time.GetUtcNow())
        {
            return "The token has expired.";
        }

        // It is good for the resource and everything below it.
        var covers = Uri.TryCreate(HttpUtility.UrlDecode(resource), UriKind.Absolute, out var signed) && signed.Host == audience.Host
            && (signed.AbsolutePath == "/" || audience.AbsolutePath == signed.AbsolutePath);
        if (!covers)
        {
            return "The signature is for another resource.";
        }

        _grants[audience.AbsolutePath] = end;
        return null;
    }
}
