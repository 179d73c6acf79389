namespace Parley.Tests.Support;

/// <summary>SDKAppIDs that no two tests share.</summary>
public static class AppIds
{
    private static int _last = 1500000000;

    /// <summary>One that nobody has.</summary>
    public static uint Next() => (uint)Interlocked.Increment(ref _last);
}
