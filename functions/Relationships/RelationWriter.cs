using System.Security.Cryptography;
using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Apps;
using Parley.Events;
using Parley.Profiles;
using Parley.Rest;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>
/// Changes what two accounts are to each other, in two partitions. Three transactions: the intent is marked where the copy is, with the places that it may
/// need; the home partition decides; the copy follows, and the mark goes. See docs/decisions/0008-two-sides-of-a-friendship.md.
/// </summary>
/// <remarks>
/// A crash between them leaves a mark. Whoever comes upon it (<see cref="RelationUpkeep"/>) shuts out at home what has not been decided there, and then
/// brings the copy up to what home says. An operation that was shut out meanwhile begins again.
/// </remarks>
public sealed class RelationWriter(TableStore tables, AccountEvents events, RelationUpkeep upkeep, DailyStatistics statistics, TimeProvider time)
{
    private const int MostAttempts = 8;

    // What the home partition has made of an operation.
    private enum Fate
    {
        Decided,
        Refused,
        ShutOut,
        NoAccount,
    }

    // Pairs: how many pairs of friends there are more; not known in a replay.
    private sealed record Outcome(Fate Fate, ApiError? Error, Relation? Relation, StoredEvent? Told, int Pairs = 0);

    // Version: of the copy when the operation began.
    private sealed record Begun(AccountTerms Terms, long Version);

    /// <summary>Runs an operation of one account on what it and another one are to each other.</summary>
    /// <param name="callback">What the app is told of it; null when it is not for the app to hear.</param>
    /// <returns>Why it was not done; 30539 when it was a request that waits now; null when it was done.</returns>
    internal async Task<ApiError?> ApplyAsync(App app, string actor, string peer, RelationOperation operation, RelationCallback? callback = null)
    {
        if (actor == peer || !FieldReader.IsAccount(peer))
        {
            return actor == peer ? ApiError.RelationWithOneself : ApiError.RelationAccountUnknown;
        }

        var pair = RelationPair.Of(app.SdkAppId, actor, peer);
        for (var attempt = 1; attempt <= MostAttempts; attempt++)
        {
            var run = new Run(app, pair, pair.Home.Account == actor, operation, attempt, RandomNumberGenerator.GetHexString(16), time.GetUtcNow()) { Callback = callback };
            var begun = await tables.AccountWriter.ApplyAsync(pair.Mirror.PartitionKey, view => Begin(view, run), CancellationToken.None);
            if (begun is null)
            {
                return ApiError.RelationAccountUnknown;
            }

            var outcome = await tables.AccountWriter.ApplyAsync(pair.Home.PartitionKey, view => Decide(view, run, begun), CancellationToken.None);
            Count(app, outcome.Pairs);
            await events.DeliverAsync(pair.Home, outcome.Told);
            await upkeep.SettleAsync(pair, [run.Id], outcome.Relation);
            if (outcome.Fate != Fate.ShutOut)
            {
                return outcome.Error;
            }
        }

        return ApiError.RelationInternal;
    }

    private sealed record Run(App App, RelationPair Pair, bool ActorIsHome, RelationOperation Operation, int Attempt, string Id, DateTimeOffset Now)
    {
        public RelationCallback? Callback { get; init; }

        public string Actor => ActorIsHome ? Pair.Home.Account : Pair.Mirror.Account;

        public string Peer => ActorIsHome ? Pair.Mirror.Account : Pair.Home.Account;

        public Places MirrorPlaces => ActorIsHome ? Operation.PeerPlaces : Operation.ActorPlaces;
    }

    private void Count(App app, int pairs)
    {
        if (pairs > 0)
        {
            statistics.FriendPairsAdded(app.SdkAppId, pairs);
        }
        else if (pairs < 0)
        {
            statistics.FriendPairsRemoved(app.SdkAppId, -pairs);
        }
    }

    // Null when the account does not exist.
    private static Begun? Begin(PartitionView view, Run run)
    {
        var home = run.Pair.Home.Account;
        var side = new RelationSide(view, home, run.Now);
        var marker = RelationMarker.FromRow(view.Get(RelationRows.Marker(home)));
        if (view.Get(AccountTable.AccountRow) is not { } account)
        {
            return null;
        }

        var taken = TakenPlaces(side.Relation);
        var reserved = marker.Find(run.Id) ?? (run.MirrorPlaces & side.Head.Room(run.App) & ~taken);
        if (marker.Find(run.Id) is null)
        {
            side.Head = side.Head.Reserve(reserved, 1);
            side.PutHead();
            view.Put(marker.With(run.Id, reserved).ToRow(home, run.Now));
            view.Put(account.Copy());
        }

        return new Begun(Terms(account, run, side.Head, reserved | taken, isActor: !run.ActorIsHome), side.Relation.Version);
    }

    private static Outcome Decide(PartitionView view, Run run, Begun begun)
    {
        var side = new RelationSide(view, run.Pair.Mirror.Account, run.Now);
        if (view.Get(AccountTable.AccountRow) is not { } account)
        {
            return new Outcome(Fate.NoAccount, ApiError.RelationAccountUnknown, null, null);
        }

        if (side.MarkOf(run.Id) is { } mark)
        {
            return mark == RelationUpkeep.ShutOut
                ? new Outcome(Fate.ShutOut, null, side.Relation, null)
                : new Outcome(Fate.Decided, mark == RelationUpkeep.Filed ? ApiError.RequestFiled : null, side.Relation, side.FindTold());
        }

        // Its mark may be gone: it was shut out so long ago that this is forgotten, or the account was deleted meanwhile and made anew.
        if (side.MayHaveForgotten(begun.Version) || (run.Attempt == 1 && side.Relation.Version < begun.Version))
        {
            return new Outcome(Fate.ShutOut, null, side.Relation, null);
        }

        var homeTerms = Terms(account, run, side.Head, side.Head.Room(run.App) | TakenPlaces(side.Relation), run.ActorIsHome);
        var version = Math.Max(Math.Max(side.Relation.Version, begun.Version) + 1, run.Now.ToUnixTimeMilliseconds());
        var context = run.ActorIsHome
            ? new OperationContext(run.App, side.Relation, homeTerms, begun.Terms, version, run.Now)
            : new OperationContext(run.App, side.Relation.Mirrored(), begun.Terms, homeTerms, version, run.Now);
        if (!run.Operation.Decide(context).TryGet(out var decision, out var refused))
        {
            return new Outcome(Fate.Refused, refused, side.Relation, null);
        }

        var next = (run.ActorIsHome ? decision.Next : decision.Next.Mirrored()) with { Version = version };
        side.Note(run.Id, decision.IsFiled ? RelationUpkeep.Filed : RelationUpkeep.Done);
        view.Put(account.Copy());
        run.Callback?.Append(view, run.Actor, run.Peer, context.Relation, decision.Next);
        var pairs = (next.IsPair ? 1 : 0) - (side.Relation.IsPair ? 1 : 0);
        return new Outcome(Fate.Decided, decision.IsFiled ? ApiError.RequestFiled : null, next, side.Apply(next), pairs);
    }

    private static Places TakenPlaces(Relation relation) =>
        (relation.Friend is null ? Places.None : Places.Friend) | (relation.RequestCount == 0 ? Places.None : Places.Request);

    private static AccountTerms Terms(TableEntity account, Run run, RelationHead head, Places room, bool isActor) => new(
        room,
        Enum.TryParse<AllowType>(account.GetString(ProfileTags.AllowTypeColumn)?[ProfileTags.AllowTypePrefix.Length..], out var allows) ? allows : run.App.DefaultAllowType,
        account.GetString(ProfileTags.AdminForbidColumn) == ProfileTags.MayNotAsk,
        !isActor || head.HasRoomForGroups(run.Operation.Groups, run.App.MaxFriendGroups));
}
