namespace Parley.Apps;

/// <summary>What becomes of a request for friendship.</summary>
public enum AllowType
{
    /// <summary>It is granted at once.</summary>
    AllowAny,

    /// <summary>The account is asked.</summary>
    NeedConfirm,

    /// <summary>It is refused.</summary>
    DenyAny,
}
