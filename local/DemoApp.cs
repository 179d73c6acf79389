using System.Security.Cryptography;
using Parley.Rest;

namespace Parley.Local;

/// <summary>The app that the local environment is seeded with.</summary>
/// <param name="Secret">64 hex digits, made once per data folder: UserSigs stay valid over restarts.</param>
public sealed record DemoApp(string Secret)
{
    public const uint SdkAppId = 1400000001;
    public const string Admin = "administrator";

    public static IReadOnlyList<(string Account, string Nick)> Accounts { get; } = [("alice", "Alice"), ("bob", "Bob"), ("carol", "Carol")];

    public static TimeSpan DefaultValidity { get; } = TimeSpan.FromDays(180);

    public static DemoApp Create() => new(RandomNumberGenerator.GetHexString(64, lowercase: true));

    public string Sign(string account, TimeProvider time, TimeSpan? validity = null) =>
        UserSig.Sign(account, SdkAppId, Secret, time.GetUtcNow(), validity ?? DefaultValidity);
}
