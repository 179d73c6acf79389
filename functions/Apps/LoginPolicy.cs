namespace Parley.Apps;

/// <summary>Which connections of an account give way to a new one.</summary>
public enum LoginPolicy
{
    /// <summary>None.</summary>
    Many,

    /// <summary>Those of the same kind of platform: one phone, one pad, one desktop computer, one browser.</summary>
    OnePerPlatformKind,

    /// <summary>All.</summary>
    Single,
}
