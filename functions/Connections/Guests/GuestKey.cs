using System.Globalization;
using System.Security.Cryptography;
using Parley.Storage;

namespace Parley.Connections.Guests;

/// <summary>A guest of an app: somebody without an account, known by its connection only.</summary>
public readonly record struct GuestKey(uint SdkAppId, string ConnectionId)
{
    private const char Separator = '?';
    private const string Prefix = "v|";
    private const int UserBytes = 16;

    /// <summary>Partition of table <c>accounts</c>; no account's, whose partitions begin with a number.</summary>
    public string PartitionKey => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{SdkAppId}|{KeyText.Escape(ConnectionId)}");

    /// <summary>A SignalR user for a new guest. No account's can look like it: these have a colon, and nothing that needs escaping.</summary>
    public static string NewSignalRUser(uint sdkAppId) =>
        string.Create(CultureInfo.InvariantCulture, $"{sdkAppId}{Separator}{RandomNumberGenerator.GetHexString(2 * UserBytes, lowercase: true)}");

    /// <summary>The guest behind a connection; null when its user is no guest.</summary>
    public static GuestKey? FromSignalRUser(string user, string connectionId)
    {
        var split = user.IndexOf(Separator, StringComparison.Ordinal);
        return split > 0 && TryParse(user.AsSpan(0, split), out var app) ? new GuestKey(app, connectionId) : null;
    }

    /// <summary>Reads a key back from <see cref="PartitionKey"/>; null when it is none.</summary>
    public static GuestKey? FromPartitionKey(string partitionKey)
    {
        var parts = partitionKey.Split('|');
        return parts.Length == 3 && partitionKey.StartsWith(Prefix, StringComparison.Ordinal) && TryParse(parts[1], out var app)
            ? new GuestKey(app, KeyText.Unescape(parts[2]))
            : null;
    }

    private static bool TryParse(ReadOnlySpan<char> text, out uint app) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out app);
}
