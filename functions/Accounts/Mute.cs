namespace Parley.Accounts;

/// <summary>The end of a mute, and what is left of it.</summary>
/// <remarks>Source: API reference, openim §13: a duration of 4294967295 means for ever.</remarks>
public static class Mute
{
    private const uint ForEver = uint.MaxValue;

    /// <summary>When a mute that begins now ends, in Unix seconds; 0 for none.</summary>
    public static long Until(uint seconds, DateTimeOffset now) => seconds switch
    {
        0 => 0,
        ForEver => long.MaxValue,
        _ => now.ToUnixTimeSeconds() + seconds,
    };

    /// <summary>The seconds that are left of a mute.</summary>
    public static uint Remaining(long until, DateTimeOffset now) => until == long.MaxValue
        ? ForEver
        : (uint)Math.Clamp(until - now.ToUnixTimeSeconds(), 0, ForEver - 1);
}
