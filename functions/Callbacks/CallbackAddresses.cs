using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Security.AntiSSRF;

namespace Parley.Callbacks;

/// <summary>Where callbacks may go, and the connections that go nowhere else.</summary>
/// <remarks>
/// AntiSSRF resolves the name, checks every address that it has, and connects to one of these very addresses, so a name cannot point elsewhere a moment later.
/// Where private addresses are allowed, those of the platform's own services are refused all the same.
/// </remarks>
public sealed class CallbackAddresses(IOptions<CallbacksOptions> options)
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly string[] _hosts = options.Value.AllowedHosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Null when callbacks may go to the URL; else why not. Its addresses are looked at when a connection is opened.</summary>
    public string? Refuse(Uri url) =>
        url.Scheme == Uri.UriSchemeHttp && !options.Value.AllowsPlainHttp ? "plain http is not allowed"
        : IPAddress.TryParse(url.IdnHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) ? "it is no address of anybody"
        : !_hosts.Any(host => Matches(host, url.IdnHost)) ? "the host is not on the list of allowed hosts"
        : null;

    /// <summary>A handler that opens connections to allowed addresses only and follows no redirect.</summary>
    public HttpMessageHandler CreateHandler()
    {
        var policy = new AntiSSRFPolicy(options.Value.AllowsPrivateAddresses ? PolicyConfigOptions.None : PolicyConfigOptions.ExternalOnlyLatest)
        {
            AllowPlainTextHttp = options.Value.AllowsPlainHttp,

            // It is for metadata services, whose addresses are refused; a receiver would take it for a client's.
            AddXFFHeader = false,
        };
        policy.AddDeniedAddresses([.. IPAddressRanges.linkLocal, .. IPAddressRanges.imds, .. IPAddressRanges.wireserver, .. IPAddressRanges.unspecified, .. IPAddressRanges.multicast]);
        var handler = policy.GetHandler();
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.PooledConnectionLifetime = ConnectionLifetime;
        return handler;
    }

    private static bool Matches(string allowed, string host) =>
        allowed == "*" || allowed.Equals(host, StringComparison.OrdinalIgnoreCase)
        || (allowed.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase));
}
