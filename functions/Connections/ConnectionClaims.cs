using System.Globalization;
using Parley.Rest;

namespace Parley.Connections;

/// <summary>
/// What the token of a connection says besides its user, and the service repeats with each upstream call:
/// <code>X-ASRS-User-Claims: …, parley.platform: iPhone, parley.signed: 1700000000, parley.address: 203.0.113.7</code>
/// </summary>
/// <param name="SignedAt">When the UserSig was made that the connection was opened with, in Unix seconds.</param>
/// <remarks>The header's values may hold commas, but the claims of our tokens do not: account names are escaped in them.</remarks>
public sealed record ConnectionClaims(Platform Platform, long SignedAt)
{
    private const string AddressClaim = "parley.address";
    private const string PlatformClaim = "parley.platform";
    private const string SignedClaim = "parley.signed";

    /// <summary>Where the client was when it negotiated; empty when it is not known.</summary>
    public string Address { get; init; } = "";

    /// <summary>From where the connection's client acts.</summary>
    public CallOrigin Origin => new(Address, Platform.OriginName);

    /// <summary>Reads the header; what it lacks is Web, and 0: older than any kick.</summary>
    public static ConnectionClaims Read(string header)
    {
        var claims = header.Split(", ").Select(claim => claim.Split(": ", 2)).Where(claim => claim.Length == 2)
            .GroupBy(claim => claim[0]).ToDictionary(claim => claim.Key, claim => claim.First()[1]);
        return new ConnectionClaims(
            Platform.Parse(claims.GetValueOrDefault(PlatformClaim)),
            long.TryParse(claims.GetValueOrDefault(SignedClaim), NumberStyles.None, CultureInfo.InvariantCulture, out var signedAt) ? signedAt : 0)
        {
            Address = claims.GetValueOrDefault(AddressClaim, ""),
        };
    }

    public (string Name, string Value)[] ToToken() =>
    [
        (PlatformClaim, Platform.Name), (SignedClaim, SignedAt.ToString(CultureInfo.InvariantCulture)),
        .. Address.Length > 0 ? [(AddressClaim, Address)] : Array.Empty<(string, string)>(),
    ];
}
