using Parley.Apps;
using Parley.Profiles;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>Reads chosen fields of friends, of the relation and of the friends' profiles.</summary>
public sealed class FriendFields(ProfileTable profiles)
{
    private const string ProfilePrefix = "Tag_Profile_";

    /// <summary>30001 when the caller may not read one of the tags, or there is none of that name; null when all is well.</summary>
    public static ApiError? Check(Caller caller, IReadOnlyList<string> tags)
    {
        var unknown = tags.FirstOrDefault(tag => !IsProfile(tag) && !FriendTags.IsKnown(caller.App, tag));
        return unknown is not null ? ApiError.RelationParameter.In(unknown)
            : ProfileTags.FindReadable(caller, tags.Where(IsProfile)).Error is { } refused ? ApiError.RelationParameter with { Info = refused.Info }
            : null;
    }

    /// <summary>The values of tags, or of all fields of the relation where none is named.</summary>
    internal async Task<IReadOnlyDictionary<string, IReadOnlyList<TagValue>>> ReadAsync(
        App app, AccountKey owner, IReadOnlyList<PeerRow> friends, RelationHead head, IReadOnlyList<string> tags, CancellationToken cancellation)
    {
        var profileTags = tags.Where(IsProfile).Distinct().Select(tag => ProfileTags.Find(app, tag).Value).ToList();
        var read = profileTags.Count == 0
            ? new Dictionary<string, IReadOnlyList<TagValue>?>()
            : await profiles.ReadAsync(owner.SdkAppId, friends.Select(friend => friend.Peer), profileTags, cancellation);
        return friends.ToDictionary(friend => friend.Peer, friend => (IReadOnlyList<TagValue>)
        [
            .. read.GetValueOrDefault(friend.Peer) ?? [],
            .. FriendTags.Standard(friend, head).Concat(FriendTags.Custom(friend, app)).Where(value => tags.Count == 0 || tags.Contains(value.Tag)),
        ]);
    }

    private static bool IsProfile(string tag) => tag.StartsWith(ProfilePrefix, StringComparison.Ordinal);
}
