namespace Parley.Apps;

/// <summary>What an account is in a group, from the lowest to the highest; each may do what those before it may.</summary>
/// <remarks>Source: API reference, groups §1.3.</remarks>
public enum GroupRole
{
    NotMember,
    Member,
    Admin,
    Owner,

    /// <summary>An administrator of the app, who need not be a member.</summary>
    AppAdmin,

    /// <summary>In the table of rights: what nobody may do.</summary>
    Nobody,
}
