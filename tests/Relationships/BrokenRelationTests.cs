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

            foreach (var operation in new[] { "add one", "import", "refuse", "unblock" })
            {
                foreach (var (actorFirst, writes) in new[] { (true, 1), (true, 2), (false, 1), (false, 2) })
                {
                    breaks.Add(operation, actorFirst, writes, writes == 1 ? "actor reads" : "peer reads");
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
            await AssertToldAsync(second, operation, writes == 2, actor, peer);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_side_that_was_not_told_reads_what_is_so(bool byName)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        var (actor, peer) = NewNames(actorFirst: true);
        await using (var first = await StartAsync(signalR))
        {
            await PrepareAsync(first, "befriend", actor, peer);
            var count = 0;
            first.Storage.Plan = request => request.IsWrite && Interlocked.Increment(ref count) > 2 ? Fault.DropBefore : Fault.None;
            await Assert.ThrowsAnyAsync<Exception>(() => ApplyAsync(first, actor, peer, Befriend));
        }

        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var reader = second.Get<RelationReader>();
        var list = await (byName ? reader.ReadAsync(second.Key(peer), [actor], Stop) : reader.ReadAsync(second.Key(peer), RelationKind.Friends, Stop));

        Assert.NotNull(list.Find(actor)?.Relation.Friend);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    public async Task Both_hear_of_it_also_when_an_answer_of_storage_is_lost(int transaction, bool actorFirst)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (actor, peer) = NewNames(actorFirst);
        await app.ImportAsync(actor);
        await app.ImportAsync(peer);
        await using var phone = await ClientConnection.StartAsync(app, app.Key(actor));
        await using var desk = await ClientConnection.StartAsync(app, app.Key(peer));
        var lost = Enumerable.Repeat(Fault.None, transaction - 1).Append(Fault.DropAfter).ToArray();
        app.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, lost);

        Assert.Null(await ApplyAsync(app, actor, peer, Befriend));

        Assert.Equal(1, app.Storage.FaultCount);
        foreach (var (device, other) in new[] { (phone, peer), (desk, actor) })
        {
            var heard = await device.WaitForAsync(one => one.GetProperty("Type").GetString() == "Relationship");
            Assert.Equal((other, "FriendAdd"), (heard.GetProperty("Content").GetProperty("Peer_Account").GetString(), heard.GetProperty("Content").GetProperty("Changes")[0].GetString()));
        }

        await StoredRelations.AssertWholeAsync(azurite, app.Key(actor), app.Key(peer));
    }

    [Theory]
    [InlineData("friend_update", """ "UpdateItem":[{"To_Account":"@","SnsItem":[{"Tag":"Tag_SNS_IM_Remark","Value":"r"}]}] """, "FriendUpdate")]
    [InlineData("group_add", """ "GroupName":["Ski"] """, "FriendUpdate")]
    [InlineData("pendency_report", """ "TimeStamp":1700000000 """, "RequestsSeen")]
    public async Task The_own_devices_hear_of_what_is_kept_also_when_an_answer_is_lost(string command, string fields, string type)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (own, (actor, peer)) = (await app.AddAppAsync(), NewNames(actorFirst: true));
        await app.CallAsync(own, "im_open_login_svc", "multiaccount_import", $$"""{"Accounts":["{{actor}}","{{peer}}"]}""");
        await app.CallAsync(own, "sns", "friend_add", $$"""{"From_Account":"{{actor}}","AddFriendItem":[{"To_Account":"{{peer}}"}]}""");
        await using var phone = await ClientConnection.StartAsync(app, new Parley.Storage.AccountKey(own.SdkAppId, actor));
        app.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.DropAfter);

        Assert.Equal(0, await app.CodeAsync(own, "sns", command, $$"""{"From_Account":"{{actor}}",{{fields.Replace("@", peer, StringComparison.Ordinal)}}}"""));

        await phone.WaitForAsync(one => one.GetProperty("Type").GetString() == type);
        Assert.Equal(1, app.Storage.FaultCount);
        var stored = await app.CallAsync(own, "openim", "get_events", "{}", actor);
        Assert.Single(stored.GetProperty("Events").EnumerateArray(), one => one.GetProperty("Type").GetString() == type);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_operation_that_was_shut_out_so_long_ago_that_it_is_forgotten_begins_again_too(bool actorFirst)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var slow = await StartSlowAsync(signalR);
        await using var other = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (actor, peer) = NewNames(actorFirst);
        await slow.ImportAsync(actor);
        await slow.ImportAsync(peer);
        var (adding, goOn) = await BeginSlowlyAsync(slow, actor, peer);

        // Its mark is taken away, and then more happens than is remembered.
        await ReadAsync(other, actorFirst ? peer : actor);
        for (var n = 0; n < 9; n++)
        {
            Assert.Null(await ApplyAsync(other, peer, actor, RelationOperations.Block()));
            Assert.Null(await ApplyAsync(other, peer, actor, RelationOperations.Unblock()));
        }

        goOn.SetResult();
        Assert.Null(await adding);

        await StoredRelations.AssertWholeAsync(azurite, slow.Key(actor), slow.Key(peer));
        Assert.NotNull((await StoredRelations.RelationAsync(azurite, slow.Key(peer), actor)).Friend);
    }

    [Fact]
    public async Task More_operations_that_broke_off_at_once_than_are_remembered_do_not_shut_out_those_to_come()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var (home, mirror) = NewNames(actorFirst: true);
        await app.ImportAsync(home);
        await app.ImportAsync(mirror);
        var marker = new RelationMarker(Enumerable.Range(0, 40).ToDictionary(n => $"{n:X16}", _ => Places.None), null).ToRow(home, TimeProvider.System.GetUtcNow());
        marker.PartitionKey = app.Key(mirror).PartitionKey;
        await (await app.Get<Parley.Storage.TableStore>().Accounts.OfAsync(marker.PartitionKey, Stop)).AddEntityAsync(marker, Stop);

        await ReadAsync(app, mirror);
        Assert.Null(await ApplyAsync(app, mirror, home, Befriend));

        await StoredRelations.AssertWholeAsync(azurite, app.Key(home), app.Key(mirror));
        Assert.NotNull((await StoredRelations.RelationAsync(azurite, app.Key(home), mirror)).Friend);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_instance_that_does_not_know_yet_that_an_account_is_deleted_leaves_nothing_in_its_place(bool deletedFirst)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (gone, left) = NewNames(deletedFirst);
        await here.ImportAsync(gone);
        await here.ImportAsync(left);
        await AskFirstAsync(here, gone);
        Assert.True(await there.Get<AccountDirectory>().DeleteAsync(there.Key(gone), Stop));

        Assert.Equal(30003, (await ApplyAsync(here, left, gone, RelationOperations.Block()))?.Code);
        Assert.Equal(30003, (await ApplyAsync(here, gone, left, Befriend))?.Code);

        Assert.Empty(await StoredRows.OfAsync(await azurite.ConnectionStringAsync(), here.Key(gone)));
        await StoredRelations.AssertWholeAsync(azurite, here.Key(left));
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(false, false, true)]
    [InlineData(true, true, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    public async Task An_operation_that_waits_while_an_account_is_deleted_leaves_no_half_of_a_friendship(bool deletedFirst, bool comesBack, bool wereFriends)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var slow = await StartSlowAsync(signalR);
        await using var other = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (gone, left) = NewNames(deletedFirst);
        await slow.ImportAsync(gone);
        await slow.ImportAsync(left);
        if (wereFriends)
        {
            Assert.Null(await ApplyAsync(slow, left, gone, Befriend));
            Assert.Null(await ApplyAsync(slow, left, gone, Delete));
        }

        var (adding, goOn) = await BeginSlowlyAsync(slow, left, gone);

        Assert.True(await other.Get<AccountDirectory>().DeleteAsync(other.Key(gone), Stop));
        if (comesBack)
        {
            await other.ImportAsync(gone);
        }

        goOn.SetResult();
        Assert.Equal(comesBack ? null : 30003, (await adding)?.Code);

        await StoredRelations.AssertWholeAsync(azurite, slow.Key(left), slow.Key(gone));
        Assert.Equal(comesBack, (await StoredRelations.RelationAsync(azurite, slow.Key(left), gone)).Friend is not null);
        Assert.Equal(comesBack, (await StoredRelations.RelationAsync(azurite, slow.Key(gone), left)).Friend is not null);
    }

    [Fact]
    public async Task An_operation_that_was_shut_out_while_it_waited_begins_again_and_is_done_once()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var slow = await StartSlowAsync(signalR);
        await using var other = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (actor, peer) = NewNames(actorFirst: true);
        await slow.ImportAsync(actor);
        await slow.ImportAsync(peer);

        var (adding, goOn) = await BeginSlowlyAsync(slow, actor, peer);
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
        Assert.Equal("FriendAdd FriendDelete FriendAdd", await ToldAsync(app, jonas));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_friendship_that_ended_and_began_anew_before_the_other_side_was_told_is_a_new_one_there(bool actorFirst)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        var (actor, peer) = NewNames(actorFirst);
        await using (var first = await StartAsync(signalR))
        {
            await PrepareAsync(first, "delete", actor, peer);
            foreach (var (owner, friend) in new[] { (actor, peer), (peer, actor) })
            {
                await first.Get<FriendEditor>().EditAsync(first.App, first.Key(owner), [new FriendEdit(friend, new FriendChange { Remark = "old", Groups = ["Old"] })]);
            }

            var count = 0;
            first.Storage.Plan = request => request.IsWrite && Interlocked.Increment(ref count) > 2 ? Fault.DropBefore : Fault.None;
            await Assert.ThrowsAnyAsync<Exception>(() => ApplyAsync(first, actor, peer, Delete));
        }

        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        Assert.Null(await ApplyAsync(second, actor, peer, Befriend));

        foreach (var (owner, friend) in new[] { (actor, peer), (peer, actor) })
        {
            var row = (await second.Get<RelationReader>().ReadAsync(second.Key(owner), RelationKind.Friends, Stop)).Find(friend);
            Assert.Equal(("", 0), (row?.Details.Remark, row?.Details.Groups.Count));
            Assert.Equal("FriendAdd", (await ToldAsync(second, owner)).Split(' ')[^1]);
        }

        await StoredRelations.AssertWholeAsync(azurite, second.Key(actor), second.Key(peer));
        await second.Get<FriendEditor>().EditAsync(second.App, second.Key(actor), [new FriendEdit(peer, new FriendChange { Remark = "new" })]);
        Assert.Null(await ApplyAsync(second, peer, actor, Delete));
        await StoredRelations.AssertWholeAsync(azurite, second.Key(actor), second.Key(peer));
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

    // Its intent is marked, and the decision waits until the caller lets it go on.
    private static async Task<(Task<Parley.Rest.ApiError?> Adding, TaskCompletionSource GoOn)> BeginSlowlyAsync(AppInstance slow, string actor, string peer)
    {
        var (reached, goOn, batches) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        slow.Storage.Plan = request => request.Kind == RequestKind.Batch && Interlocked.Increment(ref batches) == 1 ? Fault.HoldAnswer(reached, goOn.Task) : Fault.None;
        var adding = ApplyAsync(slow, actor, peer, Befriend);
        await reached.Task.WaitAsync(Eventually.Deadline, Stop);
        return (adding, goOn);
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
        else if (operation == "unblock")
        {
            await ApplyAsync(app, actor, peer, RelationOperations.Block());
        }
        else if (operation is "accept" or "refuse")
        {
            await AskFirstAsync(app, actor);
            await ApplyAsync(app, peer, actor, Befriend);
        }
        else if (operation is "delete" or "block")
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
        "refuse" => RelationOperations.DropRequests(comeIn: true, sendOut: false),
        "unblock" => RelationOperations.Unblock(),
        "add one" => RelationOperations.Add(new Adding(false, false, "", "", "", null)),
        "import" => RelationOperations.Import(new FriendEntry(0, "", "", 1, "", 0, [])),
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
            "refuse" => relation.AskedBy is null,
            "unblock" => relation.Blocks == 0,
            _ => relation.Friend is not null,
        };
    }

    // What each has in its timeline of it, whichever of them has the copy.
    private static async Task AssertToldAsync(AppInstance app, string operation, bool isDone, string actor, string peer)
    {
        var (toActor, toPeer) = operation switch
        {
            "befriend" => ("FriendAdd", "FriendAdd"),
            "delete" => ("FriendDelete", "FriendDelete"),
            "block" => ("FriendDelete,BlacklistAdd", "FriendDelete"),
            "ask" => ("RequestAdd", "RequestAdd"),
            "accept" => ("FriendAdd,RequestDelete", "FriendAdd,RequestDelete"),
            "refuse" => ("RequestDelete", "RequestDelete"),
            "unblock" => ("BlacklistDelete", ""),
            "add one" => ("FriendAdd", ""),
            _ => ("", ""),
        };
        var before = operation switch
        {
            "delete" or "block" => ("FriendAdd", "FriendAdd"),
            "accept" or "refuse" => ("RequestAdd", "RequestAdd"),
            "unblock" => ("BlacklistAdd", ""),
            _ => ("", ""),
        };
        Assert.Equal(Both(before.Item1, isDone ? toActor : ""), await ToldAsync(app, actor));
        Assert.Equal(Both(before.Item2, isDone ? toPeer : ""), await ToldAsync(app, peer));

        static string Both(params string[] changes) => string.Join(' ', changes.Where(one => one.Length > 0));
    }

    private static async Task<string> ToldAsync(AppInstance app, string account)
    {
        var events = await app.Get<Parley.Events.EventReader>().ReadAsync(app.Key(account), 1, 10, Stop);
        return string.Join(' ', events.Where(one => one.Type == RelationContent.EventType).Select(one => string.Join(',', System.Text.Json.JsonElement.Parse(one.Content.Text).GetProperty("Changes").EnumerateArray())));
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

    // Its calls wait for longer than a busy computer needs for what others do meanwhile.
    private Task<AppInstance> StartSlowAsync(SignalRServiceEmulator signalR) =>
        AppInstance.StartAsync(azurite, signalR.Endpoint, more: ("Storage:RequestTimeoutMilliseconds", "60000"));

    private static (string Actor, string Peer) NewNames(bool actorFirst)
    {
        var n = Interlocked.Increment(ref _accounts);
        return actorFirst ? ($"broken-{n}-a", $"broken-{n}-b") : ($"broken-{n}-b", $"broken-{n}-a");
    }
}
