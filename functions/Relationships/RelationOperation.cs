using Parley.Apps;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>What an operation must know of one of the two accounts.</summary>
/// <param name="Room">Lists that have a place for it, or have it already.</param>
/// <param name="MayNotAsk">An administrator has forbidden it to ask others.</param>
/// <param name="HasRoomForGroups">Whether the groups that the operation names are there or may be made.</param>
internal sealed record AccountTerms(Places Room, AllowType AllowType, bool MayNotAsk, bool HasRoomForGroups);

/// <summary>What an operation goes by.</summary>
/// <param name="Relation">As the one who acts sees it.</param>
/// <param name="NextVersion">What the relation will have when it changes.</param>
internal sealed record OperationContext(App App, Relation Relation, AccountTerms Actor, AccountTerms Peer, long NextVersion, DateTimeOffset Now)
{
    public long Seconds => Now.ToUnixTimeSeconds();

    public FriendRequest? OpenAsks => Open(Relation.Asks);

    public FriendRequest? OpenAskedBy => Open(Relation.AskedBy);

    /// <summary>The request, unless it is void by its age.</summary>
    public FriendRequest? Open(FriendRequest? request) => request?.IsVoid(Now, TimeSpan.FromDays(App.FriendRequestDays)) == false ? request : null;
}

/// <summary>What an operation has decided.</summary>
/// <param name="IsFiled">The friendship waits for the other one's word: answered with 30539.</param>
internal readonly record struct Decision(Relation Next, bool IsFiled = false);

/// <summary>Something that one account does to what it and another one are to each other: a pure function.</summary>
internal sealed record RelationOperation(Func<OperationContext, Result<Decision>> Decide)
{
    /// <summary>Places that it may take in the actor's lists.</summary>
    public Places ActorPlaces { get; init; }

    public Places PeerPlaces { get; init; }

    /// <summary>Groups of the actor's that it names.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
}
