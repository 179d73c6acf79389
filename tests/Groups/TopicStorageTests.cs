using System.Text.Json;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Groups;
using Parley.Groups.Callbacks;
using Parley.Groups.Lifecycle;
using Parley.Groups.Members;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Groups.Topics;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>Topics in storage: what they cost, what other instances do to them, and what is left of them.</summary>
public sealed class TopicStorageTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_one_transaction_no_read_and_one_call_of_SignalR()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (topic, anna, _) = await CreateAsync(app);
        Assert.Equal(1, (await app.SendAsync(topic, anna, 1)).Value.Seq);
        await app.FlushAsync();
        app.Storage.ResetCounts();
        var calls = signalR.Counters.RestCalls;

        for (uint random = 2; random < 7; random++)
        {
            Assert.Equal(random, (await app.SendAsync(topic, anna, random)).Value.Seq);
            await app.FlushAsync();
        }

        Assert.Equal((5, 5), (app.Storage.Count(RequestKind.Batch), app.Storage.Requests.Count));
        Assert.Equal(5, signalR.Counters.RestCalls - calls);
    }

    [Fact]
    public async Task What_another_instance_has_decided_holds_for_the_topics_here_however_well_the_old_is_remembered()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (topic, anna, ben) = await CreateAsync(here);
        Assert.Equal(1, (await here.SendAsync(topic, ben, 1)).Value.Seq);
        Assert.Equal(2, (await here.SendAsync(topic, anna, 2)).Value.Seq);

        await SetAsync(there, topic.Group, head => head with { MutesAll = true });
        Assert.Equal(10017, (await here.SendAsync(topic, ben, 3)).Error?.Code);
        await SetAsync(there, topic.Group, head => head with { MutesAll = false });
        await SetAsync(there, topic, head => head with { MutesAll = true });
        Assert.Equal(10017, (await here.SendAsync(topic, ben, 4)).Error?.Code);
        await SetAsync(there, topic, head => head with { MutesAll = false });
        Assert.Equal(3, (await here.SendAsync(topic, ben, 5)).Value.Seq);

        await MuteAsync(there, topic.Group, ben, uint.MaxValue);
        Assert.Equal(10017, (await here.SendAsync(topic, ben, 6)).Error?.Code);
        await MuteAsync(there, topic.Group, ben, 0);
        await MuteAsync(there, topic, ben, uint.MaxValue);
        Assert.Equal(10017, (await here.SendAsync(topic, ben, 7)).Error?.Code);
        await MuteAsync(there, topic, ben, 0);
        Assert.Equal(4, (await here.SendAsync(topic, ben, 8)).Value.Seq);

        await there.RemoveAsync(topic.Group, ben);
        Assert.Equal(10007, (await here.SendAsync(topic, ben, 9)).Error?.Code);
        await DismissAsync(there, topic.Group);
        Assert.Equal(110003, (await here.SendAsync(topic, anna, 10)).Error?.Code);
    }

    [Fact]
    public async Task A_community_that_is_dismissed_leaves_no_row_of_its_topics()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (topic, anna, _) = await CreateAsync(app);
        await app.SendAsync(topic, anna, 1);
        Assert.Contains(await RowsAsync(app, topic.Group), row => row == "t|food|m|000000000001");

        await DismissAsync(app, topic.Group);

        Assert.Empty(await RowsAsync(app, topic.Group));
    }

    [Fact]
    public async Task A_deletion_that_breaks_off_is_finished_by_the_sweep_or_by_whoever_creates_one_of_that_name()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (topic, anna, _) = await CreateAsync(app);
        await app.SendAsync(topic, anna, 1);
        await EndAsync(app, topic);
        Assert.Contains("t|food|m|000000000001", await RowsAsync(app, topic.Group));
        Assert.Equal(110003, (await app.SendAsync(topic, anna, 2)).Error?.Code);

        await SweepAsync<TopicRemoval>(app, topic.Group, TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(11));
        Assert.DoesNotContain(await RowsAsync(app, topic.Group), row => row.StartsWith("t|", StringComparison.Ordinal));

        await CreateTopicAsync(app, topic);
        Assert.Equal(1, (await app.SendAsync(topic, anna, 1)).Value.Seq);
        await EndAsync(app, topic);
        await CreateTopicAsync(app, topic);
        Assert.Equal(1, (await app.SendAsync(topic, anna, 1)).Value.Seq);
        Assert.Equal([topic.Group.Topic("food")], (await TopicList.ReadAsync(app.Get<GroupStore>(), topic.Group, Stop)).Names.Select(topic.Group.Topic));
    }

    [Fact]
    public async Task What_is_old_is_deleted_in_topics_too()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (topic, anna, ben) = await CreateAsync(app);
        for (uint random = 1; random <= 3; random++)
        {
            await app.SendAsync(topic, anna, random);
        }

        await MuteAsync(app, topic, ben, 60);
        time.Advance(TimeSpan.FromDays(40));
        await SweepAsync<IdleGroups>(app, topic.Group, time.GetUtcNow());
        await SweepAsync<ExpiredGroupRows>(app, topic.Group, time.GetUtcNow());

        Assert.DoesNotContain(await RowsAsync(app, topic.Group), row => row.StartsWith("t|food|m|", StringComparison.Ordinal) || row.StartsWith("t|food|k|", StringComparison.Ordinal)
            || row.StartsWith("t|food|q|", StringComparison.Ordinal) || row.StartsWith("t|food|e|", StringComparison.Ordinal));
        var head = (await app.Get<GroupStore>().ReadHeadAsync(topic, Stop))!;
        Assert.Equal((4L, 3L, 0), (head.FirstSeq, head.LastSeq, head.Mutes));
        Assert.Equal(0, (await app.Get<GroupStore>().ReadMemberAsync(topic, ben, Stop))!.Unread(head));
        Assert.Equal(4, (await app.SendAsync(topic, anna, 9)).Value.Seq);
    }

    [Fact]
    public async Task Old_messages_of_many_senders_are_deleted_too()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (topic, _, _) = await CreateAsync(app);
        var crowd = await app.ImportAsync(35, "crowd");
        await app.AddAsync(topic.Group, crowd);
        foreach (var account in crowd)
        {
            Assert.True((await app.SendAsync(topic, account, 1)).Value.Seq > 0);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        time.Advance(TimeSpan.FromDays(40));
        await SweepAsync<IdleGroups>(app, topic.Group, time.GetUtcNow());

        Assert.Equal(36, (await app.Get<GroupStore>().ReadHeadAsync(topic, Stop))!.FirstSeq);
        Assert.DoesNotContain(await RowsAsync(app, topic.Group), row => row.StartsWith("t|food|m|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Entering_at_an_instance_that_remembers_less_begins_where_the_topic_is()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (topic, anna, _) = await CreateAsync(here);
        Assert.Equal(1, (await there.SendAsync(topic, anna, 1)).Value.Seq);
        for (uint random = 2; random < 7; random++)
        {
            await here.SendAsync(topic, anna, random);
        }

        var head = (await here.Get<GroupStore>().ReadHeadAsync(topic, Stop))!;
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > head.CreateTime + 1);
        var cleo = (await here.ImportAsync(1, "cleo"))[0];
        await here.AddAsync(topic.Group, cleo);

        await there.Get<TopicEntrance>().EnterAsync(topic.Group, cleo, [topic], Stop);
        await here.SendAsync(topic, anna, 9);

        var member = (await here.Get<GroupStore>().ReadMemberAsync(topic, cleo, Stop))!;
        Assert.True(member.HasEntered);
        Assert.Equal(1, member.Unread((await here.Get<GroupStore>().ReadHeadAsync(topic, Stop))!));
    }

    [Fact]
    public async Task Topics_are_created_changed_and_deleted_once_although_answers_are_lost()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (topic, anna, _) = await CreateAsync(app);
        app.Storage.Plan = FaultPlans.Random(5, 0.4, [Fault.DropAfter], request => request.Kind == RequestKind.Batch);

        for (var round = 0; round < 12; round++)
        {
            var (community, id) = (topic.Group.GroupId, $"{topic.Group.GroupId}@TOPIC#_{round}");
            var created = await RunAsync<CreateTopic, CreateTopicRequest, CreateTopicResponse>(new { GroupId = community, TopicId = id, TopicName = "x" });
            Assert.Equal(id, created.TopicId);
            await RunAsync<ModifyTopic, ModifyTopicRequest, Envelope>(new { GroupId = community, TopicId = id, TopicName = "y" });
            Assert.True((await app.SendAsync(topic.Group.Topic($"{round}"), anna, 1)).Value.Seq > 0);
            var deleted = await RunAsync<DestroyTopics, DestroyTopicsRequest, DestroyTopicsResponse>(new { GroupId = community, TopicIdList = new[] { id } });
            Assert.Equal(0, Assert.Single(deleted.DestroyResultItem).ErrorCode);
        }

        Assert.True(app.Storage.FaultCount > 5);
        app.Storage.Plan = FaultPlans.None;
        Assert.Equal(["food"], (await TopicList.ReadAsync(app.Get<GroupStore>(), topic.Group, Stop)).Names);
        Assert.DoesNotContain(await RowsAsync(app, topic.Group), row => row.StartsWith("t|", StringComparison.Ordinal) && !row.StartsWith("t|food|", StringComparison.Ordinal));
        var told = 0;
        await foreach (var row in app.Get<GroupStore>().QueryAsync(topic.Group, GroupChange.Prefix, "e}", Stop))
        {
            told += GroupChange.FromRow(row).Type == GroupEvent.Topics ? 1 : 0;
        }

        // Food was one.
        Assert.Equal(25, told);

        async Task<TResponse> RunAsync<TCommand, TRequest, TResponse>(object body)
            where TCommand : ICommand<TRequest, TResponse>
            where TRequest : IRequest<TRequest>
            where TResponse : Envelope
        {
            var fields = new FieldReader(JsonSerializer.SerializeToElement(body));
            var request = TRequest.Read(fields);
            Assert.Null(fields.Error);
            return (await app.Get<TCommand>().HandleAsync(new Caller(app.App, anna), request, Stop)).Value;
        }
    }

    [Fact]
    public async Task A_topic_that_is_created_twice_at_once_is_created_once()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (topic, _, _) = await CreateAsync(here);
        var other = topic.Group.Topic("sport");

        var created = await Task.WhenAll(new[] { here, there, here, there }.Select(app => app.Get<TopicCreation>().CreateAsync(topic.Group, NewTopic(app, other), Stop)));

        Assert.Equal(3, created.Count(one => one.Error?.Code == 10021));
        Assert.Equal(["food", "sport"], (await TopicList.ReadAsync(here.Get<GroupStore>(), topic.Group, Stop)).Names);
    }

    [Fact]
    public void A_row_of_a_topic_says_of_which_it_is()
    {
        var topic = new GroupKey(7, "@TGS#_city").Topic("food | drink");

        Assert.Equal((topic, "m|000000000001"), GroupKey.OfRow(topic.PartitionKey, topic.RowPrefix + "m|000000000001"));
        Assert.Equal((topic.Group, "m|000000000001"), GroupKey.OfRow(topic.PartitionKey, "m|000000000001"));
        Assert.Equal((topic.Group, TopicList.RowKey), GroupKey.OfRow(topic.PartitionKey, TopicList.RowKey));
        Assert.Equal(("@TGS#_city@TOPIC#_food | drink", topic.Group.PartitionKey), (topic.TopicId, topic.PartitionKey));
        Assert.Null(new GroupKey(7, "chat@TOPIC#_x").TopicId);
    }

    private static async Task<(GroupKey Topic, string Anna, string Ben)> CreateAsync(AppInstance app)
    {
        var accounts = await app.ImportAsync(2, "city");
        var traits = GroupTraits.Of(GroupType.Community);
        var head = new GroupHead { Type = GroupType.Community, Owner = accounts[0], CreateTime = 0, MaxMembers = traits.MaxMembers, Applying = traits.Applying, Number = 0, HasTopics = true };
        var group = new NewGroup($"{GroupKey.CommunityPrefix}{GroupLab.NewName("city")}", head, new GroupProfile { Name = "City" }, [new NewMember(accounts[1])]);
        var community = app.GroupKey((await app.Get<GroupCreation>().CreateAsync(app.App, group, Stop)).Value);
        var topic = community.Topic("food");
        await CreateTopicAsync(app, topic);
        return (topic, accounts[0], accounts[1]);
    }

    private static async Task CreateTopicAsync(AppInstance app, GroupKey topic) =>
        Assert.Equal(topic, (await app.Get<TopicCreation>().CreateAsync(topic.Group, NewTopic(app, topic), Stop)).Value);

    private static NewTopic NewTopic(AppInstance app, GroupKey topic) =>
        new(topic.TopicId, new GroupProfile { Name = "Food" }, new GroupActor("", IsAppAdmin: true), "") { Cause = CallbackCause.OfNobody(app.App) };

    // As destroy_topic does before it deletes the rows.
    private static async Task EndAsync(AppInstance app, GroupKey topic) => await app.Get<GroupStore>().ApplyAsync(topic.Group, group =>
    {
        var (list, rows) = (TopicList.Of(group), group.Topic(topic));
        if (rows.Head is not null)
        {
            TopicRemoval.Begin(rows, "a test");
            new TopicList([.. list.Names.Where(name => name != TopicList.NameOf(topic))]).WriteTo(group);
        }

        return true;
    }, Stop);

    private static async Task SetAsync(AppInstance app, GroupKey key, Func<GroupHead, GroupHead> change) => await app.Get<GroupStore>().ApplyAsync(key, group =>
    {
        if (group.Head is { } head)
        {
            group.Put(change(head));
        }

        return true;
    }, Stop);

    private static async Task MuteAsync(AppInstance app, GroupKey key, string account, uint seconds) => await app.Get<GroupStore>().ApplyAsync(key, group =>
    {
        if (group.Head is { } head)
        {
            group.Put(GroupMuting.Set(group, head, account, GroupMuting.Until(group, seconds)));
        }

        return true;
    }, Stop);

    private static Task<ApiError?> DismissAsync(AppInstance app, GroupKey key) => app.Get<GroupDismissal>().DismissAsync(key, static (_, _) => null, "", null, Stop);

    private static async Task<List<string>> RowsAsync(AppInstance app, GroupKey key)
    {
        var rows = new List<string>();
        await foreach (var row in app.Get<GroupStore>().QueryAsync(key, "", "~", Stop))
        {
            rows.Add(row.RowKey);
        }

        return rows;
    }

    // As the sweep does, in this community alone.
    private static async Task SweepAsync<T>(AppInstance app, GroupKey key, DateTimeOffset now)
        where T : ISweptRows
    {
        var kind = app.Get<IEnumerable<ISweptRows>>().OfType<T>().Single();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {key.PartitionKey}") + $" and ({kind.Filter(now)})";
        await foreach (var row in app.Get<TableStore>().Groups.QueryAsync<TableEntity>(key.PartitionKey, filter, cancellationToken: Stop))
        {
            if (kind.Has(row.RowKey))
            {
                await kind.LookAtAsync(row, Stop);
            }
        }
    }
}
