using System.Text.Json;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Relationships;
using Parley.Rest;
using Parley.Tests.Relationships;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>The callbacks after changes of friends and blacklists: every field, for whatever causes them, and nothing where nothing was done.</summary>
public sealed class RelationCallbackTests(AzuriteFixture azurite)
{
    private const string Added = "Sns.CallbackFriendAdd";
    private const string Deleted = "Sns.CallbackFriendDelete";
    private const string Blacklisted = "Sns.CallbackBlackListAdd";
    private const string Unlisted = "Sns.CallbackBlackListDelete";

    [Theory]
    [InlineData(false, true, 0)]
    [InlineData(false, false, 0)]
    [InlineData(true, true, 0)]
    [InlineData(true, true, 1)]
    [InlineData(true, false, 1)]
    public async Task A_friend_that_is_added_is_told_in_each_direction(bool isAdmin, bool isBoth, int force)
    {
        await using var lab = await StartAsync(app => app with { DefaultAllowType = force == 1 ? AllowType.DenyAny : AllowType.AllowAny });
        var (anna, ben) = await ImportAsync(lab);
        foreach (var (from, to) in new[] { (anna, ben), (ben, anna) })
        {
            Assert.Equal(0, await AddAsync(lab, from, [to], isAdmin ? "administrator" : from, isBoth, force));
            await lab.DrainAsync(anna, ben);
            lab.AssertIs(Assert.Single(lab.Receiver.Received), isAdmin ? "RESTAPI" : "Unknown", new
            {
                CallbackCommand = Added,
                PairList = isBoth ? new[] { Started(from, to, from), Started(to, from, from) } : [Started(from, to, from)],
                ClientCmd = "friend_add",
                Admin_Account = isAdmin ? "administrator" : "",
                ForceFlag = force,
            });
            await lab.Instance.CallAsync(lab.App, "sns", "friend_delete_all", Json(new { From_Account = from, DeleteType = "Delete_Type_Both" }));
            await lab.DrainAsync(anna, ben);
            lab.Receiver.Forget();
        }
    }

    [Fact]
    public async Task Who_is_in_the_others_list_already_is_told_in_the_new_direction_only()
    {
        await using var lab = await StartAsync();
        var (anna, ben) = await ImportAsync(lab);
        Assert.Equal(0, await AddAsync(lab, ben, [anna], ben, isBoth: false));

        Assert.Equal(0, await AddAsync(lab, anna, [ben], anna));
        await lab.DrainAsync(anna, ben);

        Assert.Equal([[$"{ben}>{anna} by {ben}"], [$"{anna}>{ben} by {anna}"]], lab.Receiver.Of(Added).Select(Pairs));
    }

    [Fact]
    public async Task A_request_is_told_when_it_is_agreed_to_and_names_who_had_asked()
    {
        await using var lab = await StartAsync(app => app with { DefaultAllowType = AllowType.NeedConfirm });
        var (anna, ben) = await ImportAsync(lab);
        foreach (var (asker, other, action) in new[] { (anna, ben, "Response_Action_Agree"), (ben, anna, "Response_Action_AgreeAndAdd"), (ben, anna, "Response_Action_Reject") })
        {
            Assert.Equal(30539, await AddAsync(lab, asker, [other], asker));
            await lab.DrainAsync(anna, ben);
            Assert.Empty(lab.Receiver.Received);

            var answer = await CallAsync(lab, "friend_response", new { From_Account = other, ResponseFriendItem = new[] { new { To_Account = asker, ResponseAction = action } } }, other);
            Assert.Equal([0], Codes(answer));
            await lab.DrainAsync(anna, ben);

            if (action == "Response_Action_Reject")
            {
                Assert.Empty(lab.Receiver.Received);
                break;
            }

            lab.AssertIs(Assert.Single(lab.Receiver.Received), "Unknown", new
            {
                CallbackCommand = Added,
                PairList = action == "Response_Action_Agree" ? new[] { Started(asker, other, asker) } : [Started(asker, other, asker), Started(other, asker, asker)],
                ClientCmd = "friend_response",
                Admin_Account = "",
                ForceFlag = 0,
            });
            await CallAsync(lab, "friend_delete_all", new { From_Account = asker, DeleteType = "Delete_Type_Both" });
            await lab.DrainAsync(anna, ben);
            lab.Receiver.Forget();
        }
    }

    [Theory]
    [InlineData("friend_delete", "Delete_Type_Single")]
    [InlineData("friend_delete", "Delete_Type_Both")]
    [InlineData("friend_delete_all", "Delete_Type_Single")]
    [InlineData("friend_delete_all", "Delete_Type_Both")]
    public async Task A_friend_that_is_deleted_is_told_in_each_direction_that_ended(string command, string type)
    {
        await using var lab = await StartAsync();
        var (anna, ben) = await ImportAsync(lab);
        foreach (var (from, to, caller) in new[] { (anna, ben, "administrator"), (ben, anna, ben) })
        {
            await AddAsync(lab, from, [to]);
            await lab.DrainAsync(anna, ben);
            lab.Receiver.Forget();

            Assert.Equal(0, Code(await CallAsync(lab, command, new { From_Account = from, To_Account = new[] { to }, DeleteType = type }, caller)));
            Assert.NotEqual(0, Codes(await CallAsync(lab, "friend_delete", new { From_Account = from, To_Account = new[] { to } }, caller)).Single());
            await lab.DrainAsync(anna, ben);

            lab.AssertIs(Assert.Single(lab.Receiver.Received), caller == "administrator" ? "RESTAPI" : "Unknown", new
            {
                CallbackCommand = Deleted,
                PairList = type == "Delete_Type_Both" ? new[] { Pair(from, to), Pair(to, from) } : [Pair(from, to)],
            });
            await CallAsync(lab, "friend_delete", new { From_Account = to, To_Account = new[] { from } });
            await lab.DrainAsync(anna, ben);
            lab.Receiver.Forget();
        }
    }

    [Fact]
    public async Task The_blacklist_is_told_of_and_also_the_friendship_that_ends_with_it()
    {
        await using var lab = await StartAsync();
        var (anna, ben) = await ImportAsync(lab);
        foreach (var (from, to, caller) in new[] { (anna, ben, "administrator"), (ben, anna, ben) })
        {
            await AddAsync(lab, from, [to]);
            await lab.DrainAsync(anna, ben);
            lab.Receiver.Forget();

            foreach (var command in new[] { "black_list_add", "black_list_add", "black_list_delete", "black_list_delete" })
            {
                await CallAsync(lab, command, new { From_Account = from, To_Account = new[] { to } }, caller);
            }

            await lab.DrainAsync(anna, ben);
            var platform = caller == "administrator" ? "RESTAPI" : "Unknown";
            var received = lab.Receiver.Received.ToList();
            Assert.Equal(3, received.Count);
            lab.AssertIs(received[0], platform, new { CallbackCommand = Deleted, PairList = new[] { Pair(from, to), Pair(to, from) } });
            lab.AssertIs(received[1], platform, new { CallbackCommand = Blacklisted, PairList = new[] { Pair(from, to) } });
            lab.AssertIs(received[2], platform, new { CallbackCommand = Unlisted, PairList = new[] { Pair(from, to) } });
            lab.Receiver.Forget();
        }
    }

    [Fact]
    public async Task A_call_for_many_tells_of_each_that_was_done_and_of_no_other()
    {
        await using var lab = await StartAsync();
        var (anna, ben) = await ImportAsync(lab);
        var others = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => lab.ImportAsync("zoe")));
        await AddAsync(lab, anna, [others[3]]);
        await CallAsync(lab, "black_list_add", new { From_Account = others[5], To_Account = new[] { anna } });
        await lab.DrainAsync([anna, .. others]);
        lab.Receiver.Forget();

        await AddAsync(lab, anna, [.. others, others[1], "nobody at all", anna, ben]);
        await lab.DrainAsync([anna, ben, .. others]);

        string[] added = [.. others.Where((_, n) => n is not (3 or 5)), ben];
        Assert.Equal(added.Order(), lab.Receiver.Of(Added).Select(callback => callback.Body.GetProperty("PairList")[0].GetProperty("To_Account").GetString()).Order());
        Assert.All(lab.Receiver.Of(Added), callback => Assert.Equal(2, callback.Body.GetProperty("PairList").GetArrayLength()));
        Assert.Equal(added.Length, lab.Receiver.Received.Count);
    }

    [Fact]
    public async Task Imports_refusals_and_what_is_switched_off_tell_nothing()
    {
        await using var lab = await StartAsync(app => app with { CallbackCommands = [Added, Deleted, Blacklisted], DefaultAllowType = AllowType.DenyAny });
        var ((anna, ben), eve) = (await ImportAsync(lab), await lab.ImportAsync("eve"));

        Assert.Equal(0, Codes(await CallAsync(lab, "friend_import", new { From_Account = anna, AddFriendItem = new[] { new { To_Account = ben, AddSource = "AddSource_Type_Old" } } })).Single());
        Assert.Equal((30516, 30516), (await AddAsync(lab, ben, [eve], ben), await AddAsync(lab, ben, [eve])));
        Assert.NotEqual(0, await AddAsync(lab, anna, [ben]));
        Assert.NotEqual(0, Codes(await CallAsync(lab, "black_list_delete", new { From_Account = anna, To_Account = new[] { ben } })).Single());
        Assert.NotEqual(0, Code(await CallAsync(lab, "friend_add", new { From_Account = anna, AddFriendItem = new[] { new { To_Account = ben } }, ForceAddFlags = 1 }, anna)));
        await lab.DrainAsync(anna, ben, eve);
        Assert.Empty(lab.Receiver.Received);

        await CallAsync(lab, "black_list_add", new { From_Account = ben, To_Account = new[] { anna } });
        await CallAsync(lab, "black_list_delete", new { From_Account = ben, To_Account = new[] { anna } });
        await lab.DrainAsync(anna, ben);
        Assert.Equal([Deleted, Blacklisted], lab.Receiver.Received.Select(callback => callback.Command));
    }

    [Fact]
    public async Task All_that_happens_between_two_is_told_in_its_order_whoever_does_it()
    {
        await using var lab = await StartAsync();
        await lab.AddInstanceAsync();
        var (anna, ben) = await ImportAsync(lab);
        var expected = new List<string>();
        foreach (var n in Enumerable.Range(0, 6))
        {
            var (from, to) = n % 2 == 0 ? (anna, ben) : (ben, anna);
            await AddAsync(lab, from, [to]);
            await CallAsync(lab, "black_list_add", new { From_Account = to, To_Account = new[] { from } });
            await CallAsync(lab, "black_list_delete", new { From_Account = to, To_Account = new[] { from } });
            expected.AddRange([$"{Added} {from}>{to} by {from}", $"{Deleted} {to}>{from}", $"{Blacklisted} {to}>{from}", $"{Unlisted} {to}>{from}"]);
        }

        await lab.DrainAsync(anna, ben);

        Assert.Equal(expected, lab.Receiver.Received.Select(callback => $"{callback.Command} {Pairs(callback)[0]}"));
    }

    // The transactions of an operation: the intent, the decision, the copy. Only what is decided is told, by whoever finishes it.
    [Theory]
    [InlineData(true, 1, true)]
    [InlineData(true, 2, true)]
    [InlineData(false, 1, true)]
    [InlineData(false, 2, true)]
    [InlineData(true, 1, false)]
    [InlineData(true, 2, false)]
    [InlineData(false, 1, false)]
    [InlineData(false, 2, false)]
    public async Task What_breaks_off_is_told_once_if_it_was_decided_and_else_never(bool actorIsHome, int writes, bool peerReads)
    {
        await using var lab = await StartAsync();
        var (first, last) = await ImportAsync(lab);
        var (actor, peer) = actorIsHome ? (first, last) : (last, first);
        await using (var broken = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), more: ("Storage:RetryMilliseconds", "100")))
        {
            var count = 0;
            broken.Storage.Plan = request => request.Kind == RequestKind.Batch && Interlocked.Increment(ref count) > writes ? Fault.DropBefore : Fault.None;
            await Assert.ThrowsAnyAsync<Exception>(() => ApplyAsync(broken, lab, actor, peer));
            await broken.Get<CallbackWakeups>().StopAsync(TestContext.Current.CancellationToken);
        }

        await lab.Instance.Get<RelationReader>().ReadAsync(lab.Key(peerReads ? peer : actor), RelationKind.All, TestContext.Current.CancellationToken);
        await lab.Instance.Get<RelationReader>().ReadAsync(lab.Key(peerReads ? actor : peer), RelationKind.All, TestContext.Current.CancellationToken);
        await lab.Instance.Get<CallbackDrain>().RunAsync(lab.StreamOf(first), isRepeated: false, TestContext.Current.CancellationToken);

        var isDone = await StoredRelations.RelationAsync(azurite, lab.Key(actor), peer) is { Friend: not null };
        Assert.Equal(writes == 2, isDone);
        Assert.Equal(isDone ? [$"{actor}>{peer} by {actor}"] : [], lab.Receiver.Received.Select(callback => Pairs(callback)[0]));
        Assert.Empty(await lab.WaitingAsync(last));

        // Repeating it does what is not done.
        Assert.Equal(isDone, await AddAsync(lab, actor, [peer]) != 0);
        await lab.DrainAsync(first, last);
        Assert.Single(lab.Receiver.Received);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(false, 3)]
    public async Task It_is_told_once_also_when_an_answer_of_storage_is_lost(bool actorIsHome, int transaction)
    {
        await using var lab = await StartAsync();
        var (first, last) = await ImportAsync(lab);
        var (actor, peer) = actorIsHome ? (first, last) : (last, first);
        var lost = Enumerable.Repeat(Fault.None, transaction - 1).Append(Fault.DropAfter).ToArray();
        lab.Instance.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, lost);

        Assert.Equal(0, await AddAsync(lab, actor, [peer]));
        await lab.DrainAsync(first, last);

        Assert.Equal(1, lab.Instance.Storage.FaultCount);
        Assert.Equal([$"{actor}>{peer} by {actor}", $"{peer}>{actor} by {actor}"], Pairs(Assert.Single(lab.Receiver.Received)));
    }

    [Fact]
    public async Task An_operation_that_was_shut_out_and_begins_again_is_told_once()
    {
        await using var lab = await StartAsync();
        var other = await lab.AddInstanceAsync();
        var (anna, ben) = await ImportAsync(lab);
        var (reached, goOn, batches) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        lab.Instance.Storage.Plan = request => request.Kind == RequestKind.Batch && Interlocked.Increment(ref batches) == 1 ? Fault.HoldAnswer(reached, goOn.Task) : Fault.None;

        var adding = AddAsync(lab, anna, [ben]);
        await reached.Task.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        await other.Get<RelationReader>().ReadAsync(lab.Key(ben), RelationKind.All, TestContext.Current.CancellationToken);
        goOn.SetResult();

        Assert.Equal(0, await adding);
        await lab.DrainAsync(anna, ben);
        Assert.Single(lab.Receiver.Received);
    }

    private static Task<ApiError?> ApplyAsync(AppInstance instance, CallbackLab lab, string actor, string peer)
    {
        var callback = instance.Get<RelationCallbacks>().OfAdding(new Caller(lab.App, "administrator"), actor, isForced: false);
        return instance.Get<RelationWriter>().ApplyAsync(lab.App, actor, peer, RelationOperations.Add(new Adding(true, false, "", "", "", null)), callback);
    }

    private async Task<CallbackLab> StartAsync(Func<App, App>? change = null) => await CallbackLab.StartAsync(azurite, app =>
    {
        var on = app with { CallbackCommands = [Added, Deleted, Blacklisted, Unlisted] };
        return change is null ? on : change(on);
    });

    // The first name comes first, so it is at home in its partition that the two are decided on.
    private static async Task<(string Anna, string Ben)> ImportAsync(CallbackLab lab) => (await lab.ImportAsync("anna"), await lab.ImportAsync("ben"));

    private static Task<JsonElement> CallAsync(CallbackLab lab, string command, object body, string identifier = "administrator") =>
        lab.CallAsync(command, body, identifier, service: "sns");

    // The code of the first, or of the call.
    private static async Task<int> AddAsync(
        CallbackLab lab, string from, IReadOnlyList<string> to, string identifier = "administrator", bool isBoth = true, int force = 0)
    {
        var answer = await CallAsync(lab, "friend_add", new
        {
            From_Account = from,
            AddFriendItem = to.Select(one => new { To_Account = one, AddSource = "AddSource_Type_Web" }),
            AddType = isBoth ? "Add_Type_Both" : "Add_Type_Single",
            ForceAddFlags = force,
        }, identifier);
        return Code(answer) != 0 ? Code(answer) : Codes(answer)[0];
    }

    private static string Json(object body) => JsonSerializer.Serialize(body);

    private static int Code(JsonElement answer) => answer.GetProperty("ErrorCode").GetInt32();

    private static List<int> Codes(JsonElement answer) => [.. answer.GetProperty("ResultItem").EnumerateArray().Select(item => item.GetProperty("ResultCode").GetInt32())];

    private static object Started(string from, string to, string initiator) => new { From_Account = from, To_Account = to, Initiator_Account = initiator };

    private static object Pair(string from, string to) => new { From_Account = from, To_Account = to };

    private static List<string> Pairs(ReceivedCallback callback) =>
    [
        .. callback.Body.GetProperty("PairList").EnumerateArray().Select(pair =>
            $"{pair.GetProperty("From_Account")}>{pair.GetProperty("To_Account")}{(pair.TryGetProperty("Initiator_Account", out var by) ? $" by {by}" : "")}"),
    ];
}
