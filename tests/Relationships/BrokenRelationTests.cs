using Microsoft.Extensions.Time.Testing;
using Parley.Accounts;
using Parley.Local.SignalRService;
using Parley.Maintenance;
using Parley.Relationships;
using Parley.Tests.Support;

namespace Parley.Tests.Relationships;

/// <summary>Changes of relations that break off between their transactions, and such as meet a deletion.</summary>
[Collection(SweepCollection.Name)]
public sealed class BrokenRelationTests(AzuriteFixture azurite)
{
    private static readonly RelationOperation Befriend = RelationOperations.Add(new Adding(true, false, "", "", "", null));
    private static readonly RelationOperation Delete = RelationOperations.Delete(isBoth: true);
    private static int _accounts;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // The transactions of an operation: the intent, the decision, the copy.
    public static TheoryData<string, bool, int, string> Breaks
    {
        get
        {
            var breaks = new TheoryData<string, bool, int, string>();
            foreach (var operation in new[] { "befriend", "delete", "block", "ask", "accept" })
            {
                foreach (var (actorFirst, writes) in new[] { (true, 1), (true, 2), (false, 1), (false, 2) })
                {
                    foreach (var repair in new[] { "actor reads", "peer reads", "actor acts", "peer acts", "sweep" })
                    {
                        breaks.Add(operation, actorFirst, writes, repair);
                    }
                }
            }

            return breaks;
        }
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task What_breaks_off_is_finished_or_undone_on_both_sides_by_whoever_comes_upon_it(string operation, bool actorFirst, int writes, string repair)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        var (actor, peer) = NewNames(actorFirst);
        await using (var first = await StartAsync(signalR))
        {
            await PrepareAsync(first, operation, actor, peer);
            var count = 0;
            first.Storage.Plan = request => request.IsWrite && Interlocked.Increment(ref count) > writes ? Fault.DropBefore : Fault.None;
            await Assert.ThrowsAnyAsync<Exception>(() => ApplyAsync(first, actor, peer, OperationOf(operation)));
        }

        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(11));
        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        await RepairAsync(second, repair, actor, peer);

        // The home partition's view was right before; the one who has the copy sees to it when it reads.
        if (repair is "actor reads" or "peer reads")
        {
            await ReadAsync(second, repair == "actor reads" ? peer : actor);
        }

        await StoredRelations.AssertWholeAsync(azurite, second.Key(actor), second.Key(peer));
        if (repair is not ("actor acts" or "peer acts"))
        {
            Assert.Equal(writes == 2, await IsDoneAsync(second, operation, actor, peer));
        }
    }

    [Fact]
    public async Task An_operation_that_was_shut_out_while_it_waited_begins_again_and_is_done_once()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var slow = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var other = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (actor, peer) = NewNames(actorFirst: true);
        await slow.ImportAsync(actor);
        await slow.ImportAsync(peer);

        // Its intent is marked, and the decision waits while the other side reads.
        var (reached, goOn, batches) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        slow.Storage.Plan = request => request.Kind == RequestKind.Batch && Interlocked.Increment(ref batches) == 1 ? Fault.HoldAnswer(reached, goOn.Task) : Fault.None;
        var adding = ApplyAsync(slow, actor, peer, Befriend);
        await reached.Task.WaitAsync(Eventually.Deadline, Stop);
        await ReadAsync(other, peer);
        goOn.SetResult();

        Assert.Null(await adding);

        await StoredRelations.AssertWholeAsync(azurite, slow.Key(actor), slow.Key(peer));
        Assert.NotNull((await StoredRelations.RelationAsync(azurite, slow.Key(peer), actor)).Friend);
        var events = await other.Get<Parley.Events.EventReader>().ReadAsync(other.Key(peer), 1, 10, Stop);
        Assert.Single(events);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deleted_account_is_in_nobodys_list(bool actorFirst)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = NewNames(actorFirst);
        await app.ImportAsync(mia);
        await app.ImportAsync(jonas);
        await ApplyAsync(app, mia, jonas, Befriend);

        Assert.True(await app.Get<AccountDirectory>().DeleteAsync(app.Key(mia), Stop));

        Assert.Empty(await StoredRows.OfAsync(await azurite.ConnectionStringAsync(), app.Key(mia)));
        Assert.Equal(0, (await app.Get<RelationReader>().ReadAsync(app.Key(jonas), RelationKind.Friends, Stop)).Head.Friends);
        await StoredRelations.AssertWholeAsync(azurite, app.Key(jonas));
        await app.ImportAsync(mia);
        Assert.Null(await ApplyAsync(app, jonas, mia, Befriend));
        await StoredRelations.AssertWholeAsync(azurite, app.Key(jonas), app.Key(mia));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    public async Task A_deletion_that_meets_a_broken_operation_leaves_nothing_of_either(bool deletedFirst, int writes)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        var (gone, left) = NewNames(deletedFirst);
        await using (var first = await StartAsync(signalR))
        {
            await first.ImportAsync(gone);
            await first.ImportAsync(left);
            var count = 0;
            first.Storage.Plan = request => request.IsWrite && Interlocked.Increment(ref count) > writes ? Fault.DropBefore : Fault.None;
            await Assert.ThrowsAnyAsync<Exception>(() => ApplyAsync(first, left, gone, Befriend));
        }

        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        Assert.True(await second.Get<AccountDirectory>().DeleteAsync(second.Key(gone), Stop));

        Assert.Empty(await StoredRows.OfAsync(await azurite.ConnectionStringAsync(), second.Key(gone)));
        await ReadAsync(second, left);
        await StoredRelations.AssertWholeAsync(azurite, second.Key(left));
        Assert.Null((await StoredRelations.RelationAsync(azurite, second.Key(left), gone)).Friend);
    }

    [Fact]
    public async Task Requests_that_nobody_answers_are_void_at_their_time_and_go_with_the_sweep()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (actor, peer) = NewNames(actorFirst: true);
        await PrepareAsync(app, "accept", actor, peer);
        time.Advance(TimeSpan.FromDays(app.App.FriendRequestDays) + TimeSpan.FromSeconds(2));

        Assert.Equal(30614, (await ApplyAsync(app, actor, peer, OperationOf("accept")))?.Code);
        Assert.Equal(1, (await app.Get<RelationReader>().ReadAsync(app.Key(peer), RelationKind.Requests, Stop)).Head.Requests);
        await Eventually.HoldsAsync(async () =>
        {
            await app.Get<Sweep>().RunAsync(Stop);
            return (await app.Get<RelationReader>().ReadAsync(app.Key(peer), RelationKind.Requests, Stop)).Head.Requests == 0;
        });

        await StoredRelations.AssertWholeAsync(azurite, app.Key(actor), app.Key(peer));
    }

    [Fact]
    public async Task Void_requests_give_their_places_to_new_ones()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (actor, peer) = NewNames(actorFirst: true);
        await app.ImportAsync(actor);
        await app.ImportAsync(peer);
        await app.ImportAsync($"{peer}-2");
        var caller = new Parley.Rest.Caller(app.App with { MaxFriendRequests = 1, DefaultAllowType = Parley.Apps.AllowType.NeedConfirm }, actor);
        Assert.Equal([30539], await AskAsync(app, caller, peer));
        Assert.Equal([30012], await AskAsync(app, caller, $"{peer}-2"));
        time.Advance(TimeSpan.FromDays(app.App.FriendRequestDays) + TimeSpan.FromSeconds(2));

        Assert.Equal([30539], await AskAsync(app, caller, $"{peer}-2"));

        await StoredRelations.AssertWholeAsync(azurite, app.Key(actor), app.Key(peer), app.Key($"{peer}-2"));
    }

    private static async Task<IEnumerable<int>> AskAsync(AppInstance app, Parley.Rest.Caller caller, string to)
    {
        var request = new AddFriendsRequest(new RelationOwner(caller.Account), [new AddFriendItem(to, "", "", "", null)], IsBoth: true, IsForced: false);
        return (await app.Get<AddFriends>().HandleAsync(caller, request, Stop)).Value.ResultItem.Select(item => item.ResultCode);
    }

    private static async Task PrepareAsync(AppInstance app, string operation, string actor, string peer)
    {
        await app.ImportAsync(actor);
        await app.ImportAsync(peer);
        if (operation == "ask")
        {
            await AskFirstAsync(app, peer);
        }
        else if (operation == "accept")
        {
            await AskFirstAsync(app, actor);
            await ApplyAsync(app, peer, actor, Befriend);
        }
        else if (operation != "befriend")
        {
            await ApplyAsync(app, actor, peer, Befriend);
        }
    }

    private static async Task AskFirstAsync(AppInstance app, string account) =>
        await app.Get<AccountDirectory>().ChangeAsync(app.Key(account), row => row["AllowType"] = "AllowType_Type_NeedConfirm", Stop);

    private static RelationOperation OperationOf(string name) => name switch
    {
        "delete" => Delete,
        "block" => RelationOperations.Block(),
        "accept" => RelationOperations.Accept(isBoth: true, "", null),
        _ => Befriend,
    };

    private async Task<bool> IsDoneAsync(AppInstance app, string operation, string actor, string peer)
    {
        var relation = await StoredRelations.RelationAsync(azurite, app.Key(actor), peer);
        return operation switch
        {
            "delete" => relation.Friend is null,
            "block" => relation.Blocks > 0,
            "ask" => relation.Asks is not null,
            _ => relation.Friend is not null,
        };
    }

    private static async Task RepairAsync(AppInstance app, string repair, string actor, string peer)
    {
        switch (repair)
        {
            case "actor reads":
                await ReadAsync(app, actor);
                break;
            case "peer reads":
                await ReadAsync(app, peer);
                break;
            case "actor acts":
                await ApplyAsync(app, actor, peer, RelationOperations.Unblock());
                break;
            case "peer acts":
                await ApplyAsync(app, peer, actor, Delete);
                break;
            default:
                await Eventually.HoldsAsync(async () =>
                {
                    await app.Get<Sweep>().RunAsync(Stop);
                    var mark = string.CompareOrdinal(actor, peer) < 0 ? (Owner: peer, Peer: actor) : (Owner: actor, Peer: peer);
                    return (await app.Get<Parley.Storage.TableStore>().Accounts.GetEntityIfExistsAsync<Azure.Data.Tables.TableEntity>(
                        app.Key(mark.Owner).PartitionKey, RelationRows.Marker(mark.Peer), cancellationToken: Stop)).HasValue == false;
                });
                break;
        }
    }

    private static async Task ReadAsync(AppInstance app, string account) => await app.Get<RelationReader>().ReadAsync(app.Key(account), RelationKind.All, Stop);

    private static Task<Parley.Rest.ApiError?> ApplyAsync(AppInstance app, string actor, string peer, RelationOperation operation) =>
        app.Get<RelationWriter>().ApplyAsync(app.App, actor, peer, operation);

    private Task<AppInstance> StartAsync(SignalRServiceEmulator signalR) =>
        AppInstance.StartAsync(azurite, signalR.Endpoint, more: ("Storage:RetryMilliseconds", "100"));

    private static (string Actor, string Peer) NewNames(bool actorFirst)
    {
        var n = Interlocked.Increment(ref _accounts);
        return actorFirst ? ($"broken-{n}-a", $"broken-{n}-b") : ($"broken-{n}-b", $"broken-{n}-a");
    }
}
