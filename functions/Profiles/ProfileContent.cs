using System.Text.Json.Serialization;

namespace Parley.Profiles;

/// <summary>
/// Content of event Profile: what changed in the account's own profile. A field that was cleared is "" or 0.
/// <code>{ "ProfileItem": [ { "Tag": "Tag_Profile_IM_Nick", "Value": "Mia" } ] }</code>
/// </summary>
public sealed record ProfileContent(IReadOnlyList<TagValue> ProfileItem)
{
    public const string EventType = "Profile";
}

/// <summary>
/// Tells an account's devices what changed in the profile of a friend; stored nowhere.
/// <code>{ "Type": "FriendProfile", "From_Account": "mia.k", "ProfileItem": [ { "Tag": "Tag_Profile_IM_Nick", "Value": "Mia" } ] }</code>
/// </summary>
public sealed record FriendProfileEvent([property: JsonPropertyName("From_Account")] string FromAccount, IReadOnlyList<TagValue> ProfileItem)
{
    public string Type => "FriendProfile";
}
