using System.Security.Cryptography;

namespace Parley.Groups;

/// <summary>The latest changes of a row that must not be done twice: <c>b3d9…,77fe…</c>, newest last.</summary>
/// <remarks>More than meet in one transaction, which is as many as can be run again together.</remarks>
internal static class RecentAttempts
{
    private const int Most = 128;
    private const int NameBytes = 6;

    /// <summary>A name for one more.</summary>
    public static string NewName() => RandomNumberGenerator.GetHexString(NameBytes * 2, lowercase: true);

    public static bool Contains(string attempts, string name) => attempts.Contains(name, StringComparison.Ordinal);

    public static string With(string attempts, string name) => string.Join(',', attempts.Split(',', StringSplitOptions.RemoveEmptyEntries).Append(name).TakeLast(Most));
}
