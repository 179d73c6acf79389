using System.Security.Cryptography;
using System.Text;

namespace Parley.Local.FunctionsHost;

/// <summary>The host's keys. A caller presents one as header <c>x-functions-key</c> or as query parameter <c>code</c>.</summary>
internal sealed record HostKeys(string Master, string Function)
{
    public static HostKeys Of(FunctionsHostOptions options) => new(options.MasterKey ?? NewKey(), options.FunctionKey ?? NewKey());

    /// <summary>The master key opens everything, the function key functions of that level.</summary>
    public bool Allow(AuthLevel level, HttpRequest request) => level switch
    {
        AuthLevel.Anonymous => true,
        AuthLevel.Function => Presents(request, Function) || Presents(request, Master),
        _ => Presents(request, Master),
    };

    private static bool Presents(HttpRequest request, string key)
    {
        var presented = request.Headers["x-functions-key"].FirstOrDefault() ?? request.Query["code"].FirstOrDefault();
        return presented is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(presented), Encoding.UTF8.GetBytes(key));
    }

    private static string NewKey() => Convert.ToHexString(RandomNumberGenerator.GetBytes(24));
}
