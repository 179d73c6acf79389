namespace Parley.Apps;

/// <summary>A field that an app has added to profiles, or to what accounts keep of their friends.</summary>
/// <param name="Name">Its keyword: 1 to 8 letters. The tag is that behind <c>Tag_Profile_Custom_</c> or <c>Tag_SNS_Custom_</c>.</param>
/// <param name="Read">Who may read it beside administrators, in a profile.</param>
/// <param name="Write">Who may write it beside administrators, in a profile: <see cref="CustomFieldAccess.App"/> is its owner.</param>
public sealed record CustomField(string Name, CustomFieldType Type, CustomFieldAccess Read, CustomFieldAccess Write);

/// <summary>Both are texts of at most 500 bytes.</summary>
public enum CustomFieldType
{
    String,
    Bytes,
}

public enum CustomFieldAccess
{
    /// <summary>Accounts too.</summary>
    App,

    /// <summary>Administrators only.</summary>
    Admin,
}
