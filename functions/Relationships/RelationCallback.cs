using System.Text.Json.Serialization;
using Parley.Callbacks;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>
/// What the app is told of an operation on two accounts, in the transaction of their home partition that decides it: so once, whoever finishes the operation, and all that happens between two
/// accounts in the order in which it was decided.
/// </summary>
/// <param name="Initiator">Who began it: the one who asked, where a request is answered.</param>
/// <param name="Adding">What the callback about new friends says besides the pairs.</param>
/// <remarks>A callback that the app has switched off is null. Each direction that has changed is a pair, the initiator's first.</remarks>
internal sealed record RelationCallback(string Initiator, PairListFields Adding)
{
    public AfterCallback? FriendAdd { get; init; }

    public AfterCallback? FriendDelete { get; init; }

    public AfterCallback? BlacklistAdd { get; init; }

    public AfterCallback? BlacklistDelete { get; init; }

    /// <summary>Appends what was decided.</summary>
    /// <param name="before">As the actor sees it.</param>
    public void Append(PartitionView view, string actor, string peer, Relation before, Relation next)
    {
        var own = new Direction(actor, peer, before, next);
        var other = new Direction(peer, actor, before.Mirrored(), next.Mirrored());
        Direction[] both = Initiator == actor ? [own, other] : [other, own];
        Append(view, FriendAdd, Adding, both.Where(way => way.Before.Friend is null && way.Next.Friend is not null).Select(way => way.Pair with { InitiatorAccount = Initiator }));
        Append(view, FriendDelete, PairListFields.Empty, both.Where(way => way.Before.Friend is not null && way.Next.Friend is null).Select(way => way.Pair));
        Append(view, BlacklistAdd, PairListFields.Empty, both.Where(way => way.Before.Blocks == 0 && way.Next.Blocks > 0).Select(way => way.Pair));
        Append(view, BlacklistDelete, PairListFields.Empty, both.Where(way => way.Before.Blocks > 0 && way.Next.Blocks == 0).Select(way => way.Pair));
    }

    private static void Append(PartitionView view, AfterCallback? callback, PairListFields fields, IEnumerable<AccountPair> pairs)
    {
        if (callback is not null && pairs.ToList() is { Count: > 0 } some)
        {
            callback.Append(view, fields with { PairList = some }, ParleyJson.Wire.PairListFields);
        }
    }

    private readonly record struct Direction(string From, string To, Relation Before, Relation Next)
    {
        public AccountPair Pair => new(From, To);
    }
}

/// <summary>
/// Fields of four callbacks: Sns.CallbackFriendAdd has all of them, CallbackFriendDelete, CallbackBlackListAdd and CallbackBlackListDelete only the pairs.
/// <code>
/// { "CallbackCommand": "Sns.CallbackFriendAdd", "PairList": [ { "From_Account": "mia.k", "To_Account": "jonas", "Initiator_Account": "mia.k" }, … ],
///   "ClientCmd": "friend_add", "Admin_Account": "", "ForceFlag": 0 }
/// </code>
/// </summary>
/// <remarks>Source: API reference, callbacks §5.3 to §5.6.</remarks>
public sealed record PairListFields
{
    public static readonly PairListFields Empty = new();

    public IReadOnlyList<AccountPair> PairList { get; init; } = [];

    /// <summary>friend_add, or friend_response for the answer to a request.</summary>
    public string? ClientCmd { get; init; }

    /// <summary>The administrator who did it; empty when an account did.</summary>
    [JsonPropertyName("Admin_Account")]
    public string? AdminAccount { get; init; }

    public int? ForceFlag { get; init; }
}

/// <summary>The list of friends, or the blacklist, of the one has got the other, or lost it.</summary>
public sealed record AccountPair([property: JsonPropertyName("From_Account")] string FromAccount, [property: JsonPropertyName("To_Account")] string ToAccount)
{
    [JsonPropertyName("Initiator_Account")]
    public string? InitiatorAccount { get; init; }
}
