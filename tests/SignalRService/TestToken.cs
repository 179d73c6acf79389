using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Parley.Tests.SignalRService;

/// <summary>Makes tokens as an app would, and broken ones.</summary>
internal static class TestToken
{
    public const string Key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH";

    public static string Make(Dictionary<string, object> claims, string key = Key, string algorithm = "HS256")
    {
        var head = Encode(new Dictionary<string, object> { ["alg"] = algorithm, ["typ"] = "JWT" });
        var content = $"{head}.{Encode(claims)}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(content));
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(Dictionary<string, object> part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
}
