using System.Text.Json.Serialization;
using Parley.Events;

namespace Parley.Profiles;

/// <summary>
/// Content of event Profile: what changed in the account's own profile. A field that was cleared is "" or 0.
/// <code>{ "ProfileItem": [ { "Tag": "Tag_Profile_IM_Nick", "Value": "Mia" } ] }</code>
/// </summary>
/// <param name="TagList">Fields that changed too, for whose values the event has no room; absent when there are none.</param>
public sealed record ProfileContent(IReadOnlyList<TagValue> ProfileItem, IReadOnlyList<string>? TagList)
{
    public const string EventType = "Profile";

    // Of all values, with what JSON adds; leaves room for names.
    private const int MaxCharacters = AccountEvent.MaxContentCharacters - 3_000;

    private const int CharactersBesides = 24;

    public static ProfileContent Of(IReadOnlyList<TagValue> values)
    {
        var (told, others, room) = (new List<TagValue>(), new List<string>(), MaxCharacters);
        foreach (var value in values)
        {
            var size = value.Tag.Length + value.Value.Text.Length + CharactersBesides;
            if (size <= room)
            {
                told.Add(value);
                room -= size;
            }
            else
            {
                others.Add(value.Tag);
            }
        }

        return new ProfileContent(told, others.Count == 0 ? null : others);
    }
}

/// <summary>
/// Tells an account's devices what changed in the profile of a friend; stored nowhere.
/// <code>{ "Type": "FriendProfile", "From_Account": "mia.k", "ProfileItem": [ { "Tag": "Tag_Profile_IM_Nick", "Value": "Mia" } ] }</code>
/// </summary>
public sealed record FriendProfileEvent(
    [property: JsonPropertyName("From_Account")] string FromAccount, IReadOnlyList<TagValue> ProfileItem, IReadOnlyList<string>? TagList)
{
    public string Type => "FriendProfile";
}
