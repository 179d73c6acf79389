namespace Parley.Apps;

/// <summary>What becomes of an action when the app did not answer the callback before it, or not as it should.</summary>
public enum CallbackFailurePolicy
{
    /// <summary>It goes on as if there were no callback; as in the reference, unless the app chooses otherwise.</summary>
    Allow,

    /// <summary>It is refused.</summary>
    Refuse,
}
