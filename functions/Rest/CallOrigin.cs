using System.Net;

namespace Parley.Rest;

/// <summary>From where something is done, as callbacks tell it.</summary>
/// <param name="ClientIp">Address of the caller; empty when it is not known. It informs and proves nothing.</param>
/// <param name="Platform">RESTAPI, Web, Android, iOS, Windows, Mac, iPad or Unknown.</param>
/// <remarks>Source: API reference, callbacks §1 (ClientIP, OptPlatform).</remarks>
public sealed record CallOrigin(string ClientIp, string Platform)
{
    private const string RestApi = "RESTAPI";

    public static readonly CallOrigin Unknown = new("", "Unknown");

    /// <summary>Of an HTTP call: an administrator's is the REST API, an account's own says nothing of its platform.</summary>
    public static CallOrigin OfHttp(HttpContext http, bool isAdmin) => new(AddressOf(http), isAdmin ? RestApi : Unknown.Platform);

    /// <summary>The address behind the Functions host: each one that passes a call on adds the address that it got it from, so the last is the one that nobody can make up.</summary>
    public static string AddressOf(HttpContext http)
    {
        var last = http.Request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim();
        return IPEndPoint.TryParse(last, out var forwarded) ? forwarded.Address.ToString() : http.Connection.RemoteIpAddress?.ToString() ?? "";
    }
}
