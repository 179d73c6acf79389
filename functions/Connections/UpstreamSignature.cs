using System.Security.Cryptography;
using System.Text;
using Parley.Delivery;

namespace Parley.Connections;

/// <summary>With an access key: <c>X-ASRS-Signature: sha256=HEX,sha256=HEX</c>, one entry for each key of the service. It covers only the connection id.</summary>
public sealed class UpstreamSignature(SignalREndpoint endpoint) : IUpstreamProof
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(endpoint.AccessKey!);

    public ValueTask<bool> IsFromServiceAsync(HttpRequest request, string connectionId, CancellationToken cancellation)
    {
        var expected = $"sha256={Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(connectionId)))}";
        var signature = request.Headers["X-ASRS-Signature"].ToString();
        return new(connectionId.Length > 0 && signature.Split(',').Any(entry => CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(entry.Trim().ToUpperInvariant()), Encoding.ASCII.GetBytes(expected.ToUpperInvariant()))));
    }
}
