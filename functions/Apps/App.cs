namespace Parley.Apps;

/// <summary>A tenant: everything that one sdkappid selects.</summary>
/// <param name="Secrets">The texts that UserSigs may be signed with; the first is the one in use.</param>
/// <param name="Admins">Accounts that may call everything.</param>
/// <param name="RoamingDays">How long a stored message can be read back, in days.</param>
/// <param name="MaxMessageBytes">The largest message that is accepted, in bytes of its JSON.</param>
public sealed record App(
    uint SdkAppId, string Name, IReadOnlyList<string> Secrets, IReadOnlyList<string> Admins, bool IsDisabled, int RoamingDays, int MaxMessageBytes)
{
    /// <summary>As in the reference service's basic edition.</summary>
    public const int DefaultRoamingDays = 7;

    /// <summary>12 KB, as the command pages of the reference name it; its error list says 8 KB.</summary>
    public const int DefaultMaxMessageBytes = 12 * 1024;

    /// <summary>A message must fit into a property of a table row and into a queue message, base64 included.</summary>
    public const int HighestMaxMessageBytes = 30_000;

    public bool IsAdmin(string account) => Admins.Contains(account);

    /// <summary>The oldest message time, in Unix seconds, that can still be read at a given time.</summary>
    public long RoamingStart(DateTimeOffset now) => now.ToUnixTimeSeconds() - (RoamingDays * 86400L);
}
