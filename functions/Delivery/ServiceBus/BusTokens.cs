using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Web;
using Parley.Identity;

namespace Parley.Delivery.ServiceBus;

/// <summary>A token as <c>$cbs</c> takes it.</summary>
/// <param name="Type">What it is, in the words of the service.</param>
internal readonly record struct BusToken(string Type, string Text, DateTimeOffset ExpiresOn);

/// <summary>Makes the tokens that allow the use of a queue.</summary>
/// <remarks>Source: the service's contract, CBS. The resource of a shared access signature has scheme http there, since such tokens are not for AMQP alone.</remarks>
internal sealed class BusTokens(BusAddress address, AppIdentity identity, TimeProvider time) : IDisposable
{
    public const string JsonWebToken = "jwt";
    public const string SharedAccessSignature = "servicebus.windows.net:sastoken";
    public const string Scope = "https://servicebus.azure.net/.default";

    private static readonly TimeSpan SignatureLifetime = TimeSpan.FromHours(1);

    private readonly IdentityToken _identity = new(identity, Scope, time);

    /// <summary>What a token for a queue is put for.</summary>
    public string AudienceOf(string queue) => $"amqp://{address.Host}/{queue}";

    public async ValueTask<BusToken> CreateAsync(string queue, CancellationToken cancellation)
    {
        if (address.Login == BusLogin.Identity)
        {
            var token = await _identity.GetAsync(cancellation);
            return new BusToken(JsonWebToken, token.Token, token.ExpiresOn);
        }

        var end = time.GetUtcNow() + SignatureLifetime;
        return new BusToken(SharedAccessSignature, Sign($"http://{address.Host}/{queue}", end), end);
    }

    public void Dispose() => _identity.Dispose();

    private string Sign(string resource, DateTimeOffset end)
    {
        var encoded = HttpUtility.UrlEncode(resource);
        var expiry = end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(address.Key), Encoding.UTF8.GetBytes($"{encoded}\n{expiry}")));
        return $"SharedAccessSignature sr={encoded}&sig={HttpUtility.UrlEncode(signature)}&se={expiry}&skn={HttpUtility.UrlEncode(address.KeyName)}";
    }
}
