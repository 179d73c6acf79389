namespace Parley.Groups;

/// <summary>What becomes of applications to join, or of invitations.</summary>
public enum JoinOption
{
    /// <summary>They take effect at once.</summary>
    FreeAccess,

    /// <summary>Somebody must agree: of an application the owner or an admin, of an invitation the same.</summary>
    NeedPermission,

    /// <summary>They are refused. On the wire DisableApply and DisableInvite.</summary>
    DisableApply,
}
