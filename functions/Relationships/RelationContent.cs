using System.Text.Json.Serialization;

namespace Parley.Relationships;

/// <summary>
/// Content of event Relationship: what changed between the account and another one, and what is so now; see docs/client-protocol.md.
/// <code>
/// { "Peer_Account": "jonas", "Changes": ["FriendAdd"], "IsFriend": 1, "IsBlacklisted": 0, "StandardSequence": 17, "CustomSequence": 3, … }
/// </code>
/// </summary>
public sealed record RelationContent
{
    public const string EventType = "Relationship";

    [JsonPropertyName("Peer_Account")]
    public required string PeerAccount { get; init; }

    /// <summary>FriendAdd, FriendDelete, RequestAdd, RequestDelete, BlacklistAdd, BlacklistDelete.</summary>
    public required IReadOnlyList<string> Changes { get; init; }

    public required int IsFriend { get; init; }

    public required int IsBlacklisted { get; init; }

    /// <summary>The request that the account has sent; absent when none is open.</summary>
    public RequestContent? SendOut { get; init; }

    /// <summary>The request that it has received.</summary>
    public RequestContent? ComeIn { get; init; }

    public required long StandardSequence { get; init; }

    public required long CustomSequence { get; init; }

    public required long BlacklistSequence { get; init; }

    public required long PendencySequence { get; init; }

    internal static IReadOnlyList<string> Differences(Relation before, Relation after, bool isNewFriend)
    {
        var changes = new List<string>();
        Add("FriendAdd", isNewFriend);
        Add("FriendDelete", before.Friend is not null && after.Friend is null);
        Add("RequestAdd", IsNew(before.Asks, after.Asks) || IsNew(before.AskedBy, after.AskedBy));
        Add("RequestDelete", (before.Asks is not null && after.Asks is null) || (before.AskedBy is not null && after.AskedBy is null));
        Add("BlacklistAdd", before.Blocks == 0 && after.Blocks > 0);
        Add("BlacklistDelete", before.Blocks > 0 && after.Blocks == 0);
        return changes;

        void Add(string change, bool isSo)
        {
            if (isSo)
            {
                changes.Add(change);
            }
        }

        static bool IsNew(FriendRequest? before, FriendRequest? after) => after is not null && !Equals(before, after);
    }

    internal static RelationContent Of(string peer, IReadOnlyList<string> changes, Relation relation, RelationHead head) => new()
    {
        PeerAccount = peer,
        Changes = changes,
        IsFriend = relation.Friend is null ? 0 : 1,
        IsBlacklisted = relation.Blocks > 0 ? 1 : 0,
        SendOut = RequestContent.Of(relation.Asks),
        ComeIn = RequestContent.Of(relation.AskedBy),
        StandardSequence = head.StandardSequence,
        CustomSequence = head.CustomSequence,
        BlacklistSequence = head.BlacklistSequence,
        PendencySequence = head.RequestSequence,
    };
}

/// <summary>A request for friendship, as clients hear of it. AddTime is in Unix seconds.</summary>
public sealed record RequestContent(string AddWording, string AddSource, long AddTime)
{
    internal static RequestContent? Of(FriendRequest? request) => request is null ? null : new(request.Wording, request.Source, request.Time);
}

/// <summary>Content of event FriendUpdate: the account has changed what it keeps of these friends, or its groups of friends.</summary>
public sealed record FriendUpdateContent(
    [property: JsonPropertyName("To_Account")] IReadOnlyList<string> ToAccount, long StandardSequence, long CustomSequence, long GroupSequence)
{
    public const string EventType = "FriendUpdate";
}

/// <summary>Content of event RequestsSeen: requests that came up to this time, in Unix seconds, count as unread no more.</summary>
public sealed record RequestsSeenContent(long TimeStamp)
{
    public const string EventType = "RequestsSeen";
}
