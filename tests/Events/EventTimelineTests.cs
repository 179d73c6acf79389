using Microsoft.Extensions.Time.Testing;
using Parley.Accounts;
using Parley.Events;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Events;

public sealed class EventTimelineTests(AzuriteFixture azurite)
{
    private static int _accounts;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_numbered_read_in_pieces_and_shown_by_sync()
    {
        await using var instance = await InstanceAsync();
        var (app, mia) = (instance.App, instance.Mia);
        Assert.Equal((0, 0), await SyncAsync(app, mia));

        await AppendAsync(app, mia, 1, 5);

        var all = await ReadAsync(app, mia, 0);
        Assert.Equal(["1", "2", "3", "4", "5"], all.Events.Select(one => one.Content.Text[5..^1]));
        Assert.Equal((1, 5, 1, 5), (all.FirstSeq, all.LastSeq, all.FromSeq, all.UpToSeq));
        Assert.All(all.Events, one => Assert.Equal(("Test", "events"), (one.Type, one.Timeline)));
        var piece = await ReadAsync(app, mia, 2, 2);
        Assert.Equal([3L, 4L], piece.Events.Select(one => one.Seq));
        Assert.Equal((3, 4), (piece.FromSeq, piece.UpToSeq));
        Assert.Empty((await ReadAsync(app, mia, 5)).Events);
        Assert.Empty((await ReadAsync(app, mia, 99)).Events);
        Assert.Equal((all.Epoch, 5), await SyncAsync(app, mia));
    }

    [Fact]
    public async Task An_event_of_the_same_name_is_stored_once_however_often_and_through_whatever_instance_it_comes()
    {
        await using var instance = await InstanceAsync();
        await using var other = await AppInstance.StartAsync(azurite, instance.SignalR);
        var mia = instance.Mia;
        var apps = new[] { instance.App, other };

        await Task.WhenAll(Enumerable.Range(0, 60).Select(n => apps[n % 2].Get<AccountEvents>().AppendAsync(instance.Key, Event(n % 6), Stop)));

        var all = await ReadAsync(instance.App, mia, 0);
        Assert.Equal(Enumerable.Range(1, 6).Select(seq => (long)seq), all.Events.Select(one => one.Seq));
        Assert.Equal(6, all.Events.Select(one => one.Content.Text).Distinct().Count());
    }

    [Fact]
    public async Task Lost_answers_and_refusals_of_storage_neither_double_nor_lose_an_event()
    {
        await using var instance = await InstanceAsync();
        instance.App.Storage.Plan = FaultPlans.Random(
            11, 0.4, [Fault.DropAfter, Fault.DropBefore, Fault.Answer(503), Fault.Answer(412)], request => request.Kind == RequestKind.Batch);

        // In groups: how many share a transaction is chance, and of one transaction nothing would have to fail.
        foreach (var together in Enumerable.Range(1, 40).Chunk(4))
        {
            await Task.WhenAll(together.Select(n => instance.App.Get<AccountEvents>().AppendAsync(instance.Key, Event(n), Stop)));
        }

        instance.App.Storage.Plan = FaultPlans.None;
        Assert.True(instance.App.Storage.FaultCount > 0);
        var all = await ReadAsync(instance.App, instance.Mia, 0);
        Assert.Equal(Enumerable.Range(1, 40).Select(seq => (long)seq), all.Events.Select(one => one.Seq));
        Assert.Equal(40, all.Events.Select(one => one.Content.Text).Distinct().Count());
    }

    [Fact]
    public async Task No_more_than_a_hundred_are_kept_and_their_rows_go_with_the_append()
    {
        await using var instance = await InstanceAsync();
        await AppendAsync(instance.App, instance.Mia, 1, 130);

        var all = await ReadAsync(instance.App, instance.Mia, 0);

        Assert.Equal(Enumerable.Range(31, 100).Select(seq => (long)seq), all.Events.Select(one => one.Seq));
        Assert.Equal((31, 130), (all.FirstSeq, all.LastSeq));
        Assert.Equal(100, (await RowsAsync(instance)).Count(row => row.StartsWith("accounts/e|", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task After_seven_days_an_event_is_gone_at_once_and_its_row_with_the_next_ones()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var instance = await InstanceAsync(time);
        await AppendAsync(instance.App, instance.Mia, 1, 50);
        time.Advance(TimeSpan.FromDays(6));
        await AppendAsync(instance.App, instance.Mia, 51, 51);
        time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(2));

        var seen = await ReadAsync(instance.App, instance.Mia, 0);
        Assert.Equal([51L], seen.Events.Select(one => one.Seq));
        Assert.Equal((51, 51), (seen.FirstSeq, seen.LastSeq));
        await AppendAsync(instance.App, instance.Mia, 52, 54);

        Assert.Equal([51L, 52L, 53L, 54L], (await ReadAsync(instance.App, instance.Mia, 0)).Events.Select(one => one.Seq));
        Assert.Equal(4, (await RowsAsync(instance)).Count(row => row.StartsWith("accounts/e|", StringComparison.Ordinal)));
        time.Advance(TimeSpan.FromDays(30));
        var late = await ReadAsync(instance.App, instance.Mia, 0);
        Assert.Empty(late.Events);
        Assert.Equal((55, 54), (late.FirstSeq, late.LastSeq));
    }

    [Fact]
    public async Task An_event_is_one_transaction_with_the_change_that_it_tells_of()
    {
        await using var instance = await InstanceAsync();
        await AppendAsync(instance.App, instance.Mia, 1, 1);
        instance.App.Storage.ResetCounts();
        var now = TimeProvider.System.GetUtcNow();

        var stored = await instance.App.Get<TableStore>().AccountWriter.ApplyAsync(instance.Key.PartitionKey, view =>
        {
            var row = view.Get(AccountTable.AccountRow)!.Copy();
            row["Nick"] = "Mia";
            view.Put(row);
            return EventTimeline.Append(view, Event(2), now);
        }, Stop);

        Assert.Equal(2, stored!.Seq);
        Assert.Equal(1, instance.App.Storage.Count(RequestKind.Batch));
        Assert.Equal("Mia", (await StoredRows.ReadAsync(await azurite.ConnectionStringAsync(), instance.Key, "a"))!.GetString("Nick"));
    }

    [Fact]
    public async Task Who_does_not_exist_hears_nothing_and_hinders_nobody()
    {
        await using var instance = await InstanceAsync();
        var nobody = instance.App.Key($"{instance.Mia}-nobody");

        await instance.App.Get<AccountEvents>().AppendAsync([(nobody, Event(1)), (instance.Key, Event(1))], Stop);

        Assert.Empty(await StoredRows.OfAsync(await azurite.ConnectionStringAsync(), nobody));
        Assert.Single((await ReadAsync(instance.App, instance.Mia, 0)).Events);
    }

    [Fact]
    public async Task Where_some_cannot_be_told_the_others_are_and_a_repeated_call_tells_the_rest()
    {
        await using var instance = await InstanceAsync(more: ("Storage:RetryMilliseconds", "50"));
        var names = Enumerable.Range(1, 8).Select(n => $"{instance.Mia}-{n}").ToList();
        await Task.WhenAll(names.Select(instance.App.ImportAsync));
        var events = names.Select(name => (instance.App.Key(name), Event(1))).ToList();
        var batches = 0;
        instance.App.Storage.Plan = request => request.Kind == RequestKind.Batch && Interlocked.Increment(ref batches) % 2 == 0 ? Fault.DropBefore : Fault.None;

        for (var attempt = 0; attempt < 50; attempt++)
        {
            try
            {
                await instance.App.Get<AccountEvents>().AppendAsync(events, Stop);
                break;
            }
            catch (AggregateException)
            {
                // Repeated below.
            }
        }

        instance.App.Storage.Plan = FaultPlans.None;
        await instance.App.Get<AccountEvents>().AppendAsync(events, Stop);
        foreach (var name in names)
        {
            Assert.Single((await ReadAsync(instance.App, name, 0)).Events);
        }
    }

    [Fact]
    public async Task Nothing_of_it_outlives_the_account_and_an_account_of_the_same_name_begins_anew()
    {
        await using var instance = await InstanceAsync();
        await AppendAsync(instance.App, instance.Mia, 1, 3);
        var epoch = (await ReadAsync(instance.App, instance.Mia, 0)).Epoch;
        await using var other = await AppInstance.StartAsync(azurite, instance.SignalR);

        Assert.True(await other.Get<AccountDirectory>().DeleteAsync(instance.Key, Stop));

        Assert.False(await instance.App.Get<AccountEvents>().AppendAsync(instance.Key, Event(4), Stop));
        Assert.Empty(await RowsAsync(instance));
        await other.ImportAsync(instance.Mia);
        await AppendAsync(instance.App, instance.Mia, 4, 4);
        var anew = await ReadAsync(instance.App, instance.Mia, 0);
        Assert.Equal([1L], anew.Events.Select(one => one.Seq));
        Assert.NotEqual(epoch, anew.Epoch);
    }

    [Fact]
    public async Task Nobody_reads_anothers_events_but_an_administrator()
    {
        await using var instance = await InstanceAsync();
        await AppendAsync(instance.App, instance.Mia, 1, 1);
        var command = instance.App.Get<GetEvents>();

        Assert.Equal(60010, (await command.HandleAsync(new Caller(instance.App.App, "stranger"), new GetEventsRequest(instance.Mia, 0, 10), Stop)).Error?.Code);
        Assert.Single((await command.HandleAsync(new Caller(instance.App.App, "administrator"), new GetEventsRequest(instance.Mia, 0, 10), Stop)).Value.Events);
        Assert.Equal(90008, (await command.HandleAsync(new Caller(instance.App.App, "never imported"), new GetEventsRequest(null, 0, 10), Stop)).Error?.Code);
    }

    private static AccountEvent Event(int number) => new($"event {number}", "Test", new RawJson($$"""{"N":{{number}}}"""));

    private static async Task AppendAsync(AppInstance app, string account, int from, int to)
    {
        for (var number = from; number <= to; number++)
        {
            Assert.True(await app.Get<AccountEvents>().AppendAsync(app.Key(account), Event(number), Stop));
        }
    }

    private static async Task<GetEventsResponse> ReadAsync(AppInstance app, string account, long after, int most = 100) =>
        (await app.Get<GetEvents>().HandleAsync(new Caller(app.App, account), new GetEventsRequest(null, after, most), Stop)).Value;

    private static async Task<(long Epoch, long Seq)> SyncAsync(AppInstance app, string account)
    {
        var answer = (await app.Get<SyncConversations>().HandleAsync(new Caller(app.App, account), new SyncRequest(null, 0), Stop)).Value;
        return (answer.EventEpoch, answer.EventSeq);
    }

    private async Task<IReadOnlyList<string>> RowsAsync(Instance instance) => await StoredRows.OfAsync(await azurite.ConnectionStringAsync(), instance.Key);

    private async Task<Instance> InstanceAsync(TimeProvider? time = null, params (string Name, string Value)[] more)
    {
        var signalR = await AppInstance.StartSignalRAsync();
        var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time, more);
        var mia = $"events-mia-{Interlocked.Increment(ref _accounts)}";
        await app.ImportAsync(mia);
        return new Instance(signalR, app, mia);
    }

    private sealed record Instance(IAsyncDisposable Service, AppInstance App, string Mia) : IAsyncDisposable
    {
        public Uri SignalR => ((Parley.Local.SignalRService.SignalRServiceEmulator)Service).Endpoint;

        public AccountKey Key => App.Key(Mia);

        public async ValueTask DisposeAsync()
        {
            await App.DisposeAsync();
            await Service.DisposeAsync();
        }
    }
}
