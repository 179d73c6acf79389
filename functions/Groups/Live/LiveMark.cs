namespace Parley.Groups.Live;

/// <summary>Numbers that an app gives to those who are in a live room, and two that have a meaning.</summary>
/// <remarks>Source: API reference, groups §7.3.</remarks>
public static class LiveMark
{
    /// <summary>Stays in the room without being connected, for three days.</summary>
    public const int AlwaysOnline = 500;

    /// <summary>Is not in the list of those who are in.</summary>
    public const int Hidden = 600;

    /// <summary>The app's own begin here.</summary>
    public const int FirstOwn = 1_000;

    /// <summary>Different ones in a room.</summary>
    public const int MostInRoom = 10;

    public static readonly TimeSpan AlwaysOnlineTime = TimeSpan.FromDays(3);

    public static bool IsValid(long mark) => mark is AlwaysOnline or Hidden or (>= FirstOwn and <= int.MaxValue);
}
