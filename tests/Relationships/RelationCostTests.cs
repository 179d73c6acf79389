using System.Text.Json;
using Azure.Data.Tables;
using Parley.Messages;
using Parley.Relationships;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Relationships;

/// <summary>What relations cost, counted from outside: requests to table storage.</summary>
public sealed class RelationCostTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_that_is_checked_costs_two_transactions_and_no_read(bool requiresFriendship)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = ($"check-mia-{requiresFriendship}", $"check-jonas-{requiresFriendship}");
        await app.ImportAsync(mia);
        await app.ImportAsync(jonas);
        await AddAsync(app, mia, jonas);
        var caller = new Caller(app.App with { RequiresFriendship = requiresFriendship }, mia);
        await SendAsync(app, caller, jonas, 1);
        app.Storage.ResetCounts();

        for (uint seq = 2; seq < 12; seq++)
        {
            await SendAsync(app, caller, jonas, seq);
        }

        Assert.Equal(20, app.Storage.Count(RequestKind.Batch));
        Assert.Equal(20, app.Storage.Requests.Count);
    }

    [Fact]
    public async Task The_first_message_that_is_checked_costs_no_more_than_one_that_is_not()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await app.ImportAsync("first-mia");
        await app.ImportAsync("first-jonas");
        app.Storage.ResetCounts();

        await SendAsync(app, new Caller(app.App, "first-mia"), "first-jonas", 1);

        Assert.Equal((1, 2, 3), (app.Storage.Count(RequestKind.Get), app.Storage.Count(RequestKind.Batch), app.Storage.Requests.Count));
    }

    [Fact]
    public async Task Who_is_refused_costs_two_reads_and_no_transaction()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await app.ImportAsync("refused-mia");
        await app.ImportAsync("refused-jonas");
        await SendAsync(app, new Caller(app.App, "refused-mia"), "refused-jonas", 1);
        await app.Get<AddToBlacklist>().HandleAsync(new Caller(app.App, "refused-jonas"), new BlacklistRequest(new RelationOwner("refused-jonas"), ["refused-mia"]), Stop);
        app.Storage.ResetCounts();

        Assert.Equal(20007, (await TrySendAsync(app, new Caller(app.App, "refused-mia"), "refused-jonas", 2)).Error?.Code);

        Assert.Equal(0, app.Storage.Count(RequestKind.Batch));
        Assert.InRange(app.Storage.Requests.Count, 0, 2);
    }

    [Fact]
    public async Task A_blacklist_of_another_instance_is_known_with_the_next_message_and_leaves_no_half_of_it()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await here.ImportAsync("two-mia");
        await here.ImportAsync("two-jonas");
        var (mia, jonas) = (new Caller(here.App, "two-mia"), new Caller(here.App, "two-jonas"));
        await SendAsync(here, mia, "two-jonas", 1);
        await SendAsync(here, mia, "two-jonas", 2);

        await there.Get<AddToBlacklist>().HandleAsync(jonas, new BlacklistRequest(new RelationOwner("two-jonas"), ["two-mia"]), Stop);
        Assert.Equal(20007, (await TrySendAsync(here, mia, "two-jonas", 3)).Error?.Code);
        await there.Get<RemoveFromBlacklist>().HandleAsync(jonas, new BlacklistRequest(new RelationOwner("two-jonas"), ["two-mia"]), Stop);
        await SendAsync(here, mia, "two-jonas", 4);
        await SendAsync(here, mia, "two-jonas", 3);

        foreach (var (owner, peer) in new[] { ("two-mia", "two-jonas"), ("two-jonas", "two-mia") })
        {
            var log = (await here.Get<ConversationLog>().ReadAfterAsync(here.Key(owner), peer, 0, 100, 0, Stop))!;
            Assert.Equal([1u, 2u, 4u, 3u], log.Entries.Select(entry => entry.MsgSeq!.Value));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_friendship_that_ends_elsewhere_ends_messages_where_the_app_demands_it(int sentBefore)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (from, to) = ($"ends-mia-{sentBefore}", $"ends-jonas-{sentBefore}");
        await here.ImportAsync(from);
        await here.ImportAsync(to);
        await AddAsync(here, from, to);
        var mia = new Caller(here.App with { RequiresFriendship = true }, from);
        for (uint seq = 1; seq <= sentBefore; seq++)
        {
            await SendAsync(here, mia, to, seq);
        }

        await there.Get<DeleteFriends>().HandleAsync(new Caller(there.App, to), new DeleteFriendsRequest(new RelationOwner(to), [from], true), Stop);

        Assert.Equal(20009, (await TrySendAsync(here, mia, to, 3)).Error?.Code);
        Assert.Equal(sentBefore, (await here.Get<ConversationLog>().ReadAfterAsync(here.Key(from), to, 0, 100, 0, Stop))?.Entries.Count ?? 0);
    }

    [Fact]
    public async Task A_list_of_3000_friends_is_read_with_a_few_queries()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var owner = app.Key("list-of-3000");
        await app.ImportAsync(owner.Account);
        await FillAsync(app, owner, 3_000);
        app.Storage.ResetCounts();

        var (seen, start, pages) = (new HashSet<string>(), 0, 0);
        while (true)
        {
            var page = (await app.Get<GetFriends>().HandleAsync(new Caller(app.App, owner.Account), new GetFriendsRequest(new RelationOwner(owner.Account), start, 0, 0), Stop)).Value;
            seen.UnionWith(page.UserDataItem.Select(item => item.ToAccount));
            pages++;
            if (page.CompleteFlag == 1)
            {
                break;
            }

            start = page.NextStartIndex;
        }

        // Once for whether the account exists; a page from the middle reads what is before it too, a thousand at a time.
        Assert.Equal((3_000, 6), (seen.Count, pages));
        Assert.Equal(0, app.Storage.Count(RequestKind.Batch));
        Assert.Equal(0, app.Storage.Count(RequestKind.Get));
        Assert.Equal(15, app.Storage.Count(RequestKind.Query));
    }

    [Fact]
    public async Task A_change_between_two_accounts_is_three_transactions_and_up_to_four_reads()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        await app.ImportAsync("three-mia");
        await app.ImportAsync("three-jonas");
        await AddAsync(app, "three-mia", "three-jonas");
        app.Storage.ResetCounts();

        Assert.Null(await app.Get<RelationWriter>().ApplyAsync(app.App, "three-jonas", "three-mia", RelationOperations.Delete(isBoth: true)));
        await AddAsync(app, "three-mia", "three-jonas");

        // What a transaction deletes or only asserts is not remembered: the mark, the account.
        Assert.Equal(6, app.Storage.Count(RequestKind.Batch));
        Assert.InRange(app.Storage.Requests.Count, 6, 6 + (2 * 4));
    }

    [Fact]
    public async Task Who_has_kept_up_reads_the_list_with_one_query()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var owner = app.Key("unchanged-3000");
        await app.ImportAsync(owner.Account);
        await FillAsync(app, owner, 3_000);
        app.Storage.ResetCounts();

        var answer = await app.Get<GetFriends>().HandleAsync(new Caller(app.App, owner.Account), new GetFriendsRequest(new RelationOwner(owner.Account), 0, 3_000, 0), Stop);

        Assert.Equal((0, 1, 3_000L), (answer.Value.UserDataItem.Count, answer.Value.CompleteFlag, answer.Value.FriendNum));
        Assert.Equal((1, 1), (app.Storage.Count(RequestKind.Query), app.Storage.Requests.Count));
    }

    // What counts is the head, so the rows themselves are not needed.
    [Fact]
    public async Task Of_friends_there_are_3000_of_others_on_the_blacklist_1000_of_groups_32_and_of_requests_100()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var (full, peers) = ("limits-m", new[] { "limits-a", "limits-z" });
        await Task.WhenAll(peers.Append(full).Select(app.ImportAsync));
        await PutHeadAsync(new RelationHead { Friends = 2_999, Blacklisted = 999, Requests = 99 });
        var groups = app.Get<FriendGroups>();

        Assert.Equal([null, 30010], await CodesAsync(full, peers, RelationOperations.Add(new Adding(true, true, "", "", "", null))));
        Assert.Equal(30014, (await app.Get<RelationWriter>().ApplyAsync(app.App, peers[1], full, RelationOperations.Add(new Adding(true, false, "", "", "", null))))?.Code);
        Assert.Null((await groups.AddAsync(app.App, app.Key(full), [.. Enumerable.Range(1, 31).Select(n => $"{n}")])).Error);
        Assert.Equal(30011, (await groups.AddAsync(app.App, app.Key(full), ["32", "33"])).Error?.Code);
        Assert.Null((await groups.AddAsync(app.App, app.Key(full), ["32"])).Error);
        await PutHeadAsync(new RelationHead { Friends = 0, Blacklisted = 999, Requests = 99 });
        var asking = app.App with { DefaultAllowType = Apps.AllowType.NeedConfirm };
        Assert.Equal([30539, 30012], await CodesAsync(full, ["limits-z", "limits-b"], RelationOperations.Add(new Adding(true, false, "", "", "", null)), asking));
        Assert.Equal([null, 30013], await CodesAsync(full, ["limits-b", "limits-z"], RelationOperations.Block()));

        async Task PutHeadAsync(RelationHead head)
        {
            var row = head.ToRow();
            row.PartitionKey = app.Key(full).PartitionKey;
            await app.ImportAsync("limits-b");
            await (await app.Get<TableStore>().Accounts.OfAsync(row.PartitionKey, Stop)).UpsertEntityAsync(row, TableUpdateMode.Replace, Stop);
        }

        async Task<IReadOnlyList<int?>> CodesAsync(string actor, string[] others, RelationOperation operation, Apps.App? setting = null)
        {
            var codes = new List<int?>();
            foreach (var other in others)
            {
                codes.Add((await app.Get<RelationWriter>().ApplyAsync(setting ?? app.App, actor, other, operation))?.Code);
            }

            return codes;
        }
    }

    [Fact]
    public async Task To_check_a_thousand_accounts_takes_no_read_for_each()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var owner = app.Key("check-of-1000");
        await app.ImportAsync(owner.Account);
        await FillAsync(app, owner, 500);
        app.Storage.ResetCounts();

        var names = Enumerable.Range(0, 1_000).Select(n => $"friend-{n:D4}").ToList();
        var answer = await app.Get<CheckFriends>().HandleAsync(new Caller(app.App, owner.Account), new CheckFriendsRequest(new RelationOwner(owner.Account), names, true), Stop);

        Assert.Equal(500, answer.Value.InfoItem.Count(item => item.Relation == "CheckResult_Type_BothWay"));
        Assert.InRange(app.Storage.Requests.Count, 1, 3);
    }

    // Rows as they are stored, without the thousands of accounts on the other side.
    private static async Task FillAsync(AppInstance app, AccountKey owner, int count)
    {
        var table = app.Get<TableStore>().Accounts.Shards[0];
        var entry = new FriendEntry(1, "AddSource_Type_Web", "", 1_700_000_000, "", 0, []);
        foreach (var some in Enumerable.Range(0, count).Chunk(100))
        {
            await table.SubmitTransactionAsync(some.Select(n =>
            {
                var row = new TableEntity(owner.PartitionKey, RelationRows.Peer($"friend-{n:D4}"));
                new Relation { Version = 1, Friend = entry, FriendOf = entry }.WriteTo(row);
                return new TableTransactionAction(TableTransactionActionType.Add, row);
            }), Stop);
        }

        var head = new RelationHead { Friends = count, StandardSequence = count }.ToRow();
        head.PartitionKey = owner.PartitionKey;
        await table.AddEntityAsync(head, Stop);
    }

    private static async Task AddAsync(AppInstance app, string from, string to) => Assert.Null(await app.Get<RelationWriter>().ApplyAsync(
        app.App, from, to, RelationOperations.Add(new Adding(true, false, "", "", "", null))));

    private static async Task SendAsync(AppInstance app, Caller caller, string to, uint seq) => Assert.Null((await TrySendAsync(app, caller, to, seq)).Error);

    private static async Task<Result<SendMessageResponse>> TrySendAsync(AppInstance app, Caller caller, string to, uint seq)
    {
        var body = JsonElement.Parse($$$"""{"To_Account":"{{{to}}}","MsgSeq":{{{seq}}},"MsgRandom":{{{seq}}},"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"{{{seq}}}"}}]}""");
        return await app.Get<SendMessage>().HandleAsync(caller, SendMessageRequest.Read(new FieldReader(body)), Stop);
    }
}
