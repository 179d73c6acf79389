using Parley.Apps;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>How a friend is to be added.</summary>
/// <param name="IsBoth">Each comes into the other's list; else only the other into the own.</param>
/// <param name="IsForced">An administrator's will: nobody is asked.</param>
internal sealed record Adding(bool IsBoth, bool IsForced, string Source, string Wording, string Remark, string? Group);

/// <summary>All that accounts can do to each other.</summary>
/// <remarks>Source: API reference, sns §1.4, §2, §4. Where it leaves a choice: docs/decisions/0002-error-codes.md.</remarks>
internal static class RelationOperations
{
    /// <summary>Adds a friend, or asks to, as the other's AllowType demands. Who has been asked by the other one says yes by it.</summary>
    public static RelationOperation Add(Adding adding) => new(context => Add(context, adding))
    {
        ActorPlaces = Places.Friend | Places.Request,
        PeerPlaces = adding.IsBoth ? Places.Friend | Places.Request : Places.None,
        Groups = adding.Group is { } group ? [group] : [],
    };

    /// <summary>Puts a friend into the own list, whatever the other one wants.</summary>
    public static RelationOperation Import(FriendEntry entry) => new(context =>
    {
        var now = context.Relation;
        return now.Friend is not null ? ApiError.AlreadyFriend
            : !context.Actor.Room.HasFlag(Places.Friend) ? ApiError.FriendsFullAtImport
            : !context.Actor.HasRoomForGroups ? ApiError.FriendGroupsFull
            : new Decision(now with { Friend = entry with { Since = context.NextVersion, MostGroups = context.App.MaxFriendGroups, IsSilent = true } });
    })
    {
        ActorPlaces = Places.Friend,
        Groups = entry.Groups,
    };

    /// <summary>Says yes to a request.</summary>
    /// <param name="isBoth">Whether the one who asked comes into the own list too.</param>
    public static RelationOperation Accept(bool isBoth, string remark, string? group) => new(context => Accept(context, isBoth, remark, group))
    {
        ActorPlaces = isBoth ? Places.Friend : Places.None,
        PeerPlaces = Places.Friend,
        Groups = group is null ? [] : [group],
    };

    /// <summary>Takes requests away: one that came, to refuse it, or one that was sent, to take it back.</summary>
    public static RelationOperation DropRequests(bool comeIn, bool sendOut) => new(context =>
    {
        var now = context.Relation;
        return (comeIn && context.OpenAskedBy is not null) || (sendOut && context.OpenAsks is not null)
            ? new Decision(now with { AskedBy = comeIn ? null : now.AskedBy, Asks = sendOut ? null : now.Asks })
            : ApiError.RequestNotFound;
    });

    /// <summary>Takes away requests that are void by their age.</summary>
    public static RelationOperation DropVoidRequests() => new(context =>
    {
        var now = context.Relation;
        var next = now with { AskedBy = context.OpenAskedBy, Asks = context.OpenAsks };
        return next.RequestCount == now.RequestCount ? ApiError.RequestNotFound : new Decision(next);
    });

    public static RelationOperation Delete(bool isBoth) => new(context =>
    {
        var now = context.Relation;
        return now.Friend is not null || (isBoth && now.FriendOf is not null)
            ? new Decision(now with { Friend = null, FriendOf = isBoth ? null : now.FriendOf })
            : ApiError.NotAFriend;
    });

    /// <summary>Puts the other one on the blacklist; friendship and requests end in both directions.</summary>
    public static RelationOperation Block() => new(context =>
    {
        var now = context.Relation;
        return now.Blocks > 0 ? ApiError.AlreadyBlacklisted
            : !context.Actor.Room.HasFlag(Places.Blacklist) ? ApiError.BlacklistFull
            : new Decision(now with { Blocks = context.Seconds, Friend = null, FriendOf = null, Asks = null, AskedBy = null });
    })
    {
        ActorPlaces = Places.Blacklist,
    };

    public static RelationOperation Unblock() => new(context =>
        context.Relation.Blocks == 0 ? ApiError.NotBlacklisted : new Decision(context.Relation with { Blocks = 0 }));

    // The order of the checks is that of the API reference, sns §2.
    private static Result<Decision> Add(OperationContext context, Adding adding)
    {
        var now = context.Relation;
        if (context.Actor.MayNotAsk && !adding.IsForced)
        {
            return ApiError.MayNotAsk;
        }

        if (RefusalOf(context, adding.IsBoth && now.FriendOf is null) is { } refusal)
        {
            return refusal;
        }

        var isGranted = !adding.IsBoth || adding.IsForced || now.FriendOf is not null || context.OpenAskedBy is not null;
        return isGranted || context.Peer.AllowType == AllowType.AllowAny ? new Decision(Befriend(context, adding))
            : context.Peer.AllowType == AllowType.DenyAny ? ApiError.RequestsDenied
            : now.Asks is null && !(context.Actor.Room & context.Peer.Room).HasFlag(Places.Request) ? ApiError.RequestsFull
            : new Decision(now with { Asks = new FriendRequest(adding.Source, adding.Wording, adding.Remark, adding.Group, context.Seconds) }, IsFiled: true);
    }

    private static ApiError? RefusalOf(OperationContext context, bool needsPlaceOfPeer) =>
        context.Relation.Friend is not null ? ApiError.AlreadyFriend
        : context.Relation.Blocks > 0 ? ApiError.PeerBlacklisted
        : context.Relation.BlockedBy > 0 ? ApiError.BlacklistedByPeer
        : !context.Actor.Room.HasFlag(Places.Friend) ? ApiError.FriendsFull
        : !context.Actor.HasRoomForGroups ? ApiError.FriendGroupsFull
        : needsPlaceOfPeer && !context.Peer.Room.HasFlag(Places.Friend) ? ApiError.PeerFriendsFull
        : null;

    private static Relation Befriend(OperationContext context, Adding adding)
    {
        var now = context.Relation;
        var entry = EntryOf(context, adding.Source, adding.Wording, adding.Remark, adding.Group);
        var asked = context.OpenAskedBy;
        return !adding.IsBoth ? now with { Friend = entry, Asks = null } : now with
        {
            Friend = entry,
            FriendOf = now.FriendOf ?? EntryOf(context, asked?.Source ?? adding.Source, asked?.Wording ?? "", asked?.Remark ?? "", asked?.Group),
            Asks = null,
            AskedBy = null,
        };
    }

    private static Result<Decision> Accept(OperationContext context, bool isBoth, string remark, string? group)
    {
        var now = context.Relation;
        if (context.OpenAskedBy is not { } asked)
        {
            return ApiError.RequestNotFound;
        }

        var adds = isBoth && now.Friend is null;
        return now.FriendOf is null && !context.Peer.Room.HasFlag(Places.Friend) ? ApiError.PeerFriendsFull
            : adds && !context.Actor.Room.HasFlag(Places.Friend) ? ApiError.FriendsFull
            : adds && !context.Actor.HasRoomForGroups ? ApiError.FriendGroupsFull
            : new Decision(now with
            {
                FriendOf = now.FriendOf ?? EntryOf(context, asked.Source, asked.Wording, asked.Remark, asked.Group),
                Friend = adds ? EntryOf(context, asked.Source, asked.Wording, remark, group) : now.Friend,
                AskedBy = null,
                Asks = adds ? null : now.Asks,
            });
    }

    private static FriendEntry EntryOf(OperationContext context, string source, string wording, string remark, string? group) => new(
        context.NextVersion, source, wording, context.Seconds, remark, remark.Length > 0 ? context.Seconds : 0, group is null ? [] : [group])
    {
        MostGroups = context.App.MaxFriendGroups,
    };
}
