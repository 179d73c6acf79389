using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;
using Parley.Maintenance;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Messages;

/// <summary>What goes when its time is over: messages with a life time, unread ones past the roaming days, imported history, extensions, cleared history.</summary>
[Collection(SweepCollection.Name)]
public sealed class LifeTimeTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static int _accounts;

    [Fact]
    public async Task A_message_past_its_life_time_is_shown_no_more_and_no_longer_unread_and_its_sender_keeps_it()
    {
        var time = new FakeTimeProvider(Start);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (mia, jonas) = await ImportTwoAsync(app);
        await app.SendAsync(mia, jonas, 1, lifeTime: TimeSpan.FromHours(1));
        await app.SendAsync(mia, jonas, 2);
        await app.SendAsync(mia, jonas, 3, lifeTime: TimeSpan.FromHours(3));
        Assert.Equal(3, await UnreadAsync(app, jonas, mia));

        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal([2, 3], await HistoryAsync(app, jonas, mia));
        Assert.Equal([2L, 3L], await LogAsync(app, jonas, mia));
        Assert.Equal(2, await UnreadAsync(app, jonas, mia));
        Assert.Equal([1, 2, 3], await HistoryAsync(app, mia, jonas));

        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, await UnreadAsync(app, jonas, mia));
        await app.Get<ReadPositions>().MoveAsync(app.Key(jonas), mia, long.MaxValue, long.MaxValue, null, TestContext.Current.CancellationToken);
        Assert.Equal(0, await UnreadAsync(app, jonas, mia));
    }

    [Fact]
    public async Task Unread_messages_past_the_roaming_days_leave_the_count_with_the_history()
    {
        var time = new FakeTimeProvider(Start);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (mia, jonas) = await ImportTwoAsync(app);
        await app.SendAsync(mia, jonas, 1);
        await app.SendAsync(mia, jonas, 2);
        var recalled = await app.SendAsync(mia, jonas, 3);
        await app.Get<MessageChanges>().RecallAsync(app.Key(jonas), mia, recalled, isOutgoing: false, "attempt");
        time.Advance(TimeSpan.FromDays(9));
        await app.SendAsync(mia, jonas, 4);

        await Eventually.GetAsync("only the new message is unread", async () => await UnreadAsync(app, jonas, mia) == 1, Deadline);
        Assert.Equal([4], await HistoryAsync(app, jonas, mia));
    }

    [Fact]
    public async Task Imported_history_and_extensions_go_with_the_sweep()
    {
        var time = new FakeTimeProvider(Start);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (mia, jonas) = await ImportTwoAsync(app);
        var content = new MessageContent(new RawJson("""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"1"}}]"""), null, null, false, true);
        for (var days = 0; days < 6; days++)
        {
            var key = new MessageKey((uint)days, 1, (Start - TimeSpan.FromDays(days)).ToUnixTimeSeconds());
            await app.Get<MessageImport>().ImportAsync(app.Key(mia), app.Key(jonas), key, content, ImportKind.History);
            await app.Get<MessageExtensions>().ChangeAsync(app.Key(mia), app.Key(jonas), key, ExtensionOperation.Set, [new("k", "v", 0)], checksSeq: false);
        }

        time.Advance(TimeSpan.FromDays(4));
        await app.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(4, await RowsAsync(app, jonas, "h|"));
        Assert.Equal(8, await RowsAsync(app, jonas, "x|"));
        time.Advance(TimeSpan.FromDays(8));
        await app.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, 0, 0), (await RowsAsync(app, jonas, "h|"), await RowsAsync(app, jonas, "x|"), await RowsAsync(app, mia, "h|")));
    }

    [Fact]
    public async Task Marks_of_unread_imports_go_with_the_sweep_too()
    {
        var time = new FakeTimeProvider(Start);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (mia, jonas) = await ImportTwoAsync(app);
        var content = new MessageContent(new RawJson("""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"1"}}]"""), null, null, false, false);
        await app.Get<MessageImport>().ImportAsync(app.Key(mia), app.Key(jonas), new MessageKey(1, 1, Start.ToUnixTimeSeconds()), content, ImportKind.Unread);
        Assert.Equal(1, await RowsAsync(app, jonas, "h|"));

        time.Advance(TimeSpan.FromDays(9));
        await app.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, 0), (await RowsAsync(app, jonas, "h|"), await RowsAsync(app, mia, "h|")));
    }

    [Fact]
    public async Task A_hundred_messages_past_their_life_time_leave_the_unread_count_even_if_it_breaks_off()
    {
        var time = new FakeTimeProvider(Start);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (mia, jonas) = await ImportTwoAsync(app);
        await Task.WhenAll(Enumerable.Range(1, 100).Select(n => app.SendAsync(mia, jonas, (uint)n, lifeTime: TimeSpan.FromHours(1))));
        await app.SendAsync(mia, jonas, 101);
        time.Advance(TimeSpan.FromHours(2));

        var batches = 0;
        app.Storage.Plan = request => request.Kind == RequestKind.Batch && ++batches > 1 ? Fault.Answer(400) : Fault.None;
        await Assert.ThrowsAnyAsync<Exception>(() => UnreadAsync(app, jonas, mia));
        app.Storage.Plan = FaultPlans.None;

        Assert.Equal(1, await UnreadAsync(app, jonas, mia));
    }

    [Fact]
    public async Task What_is_past_the_roaming_days_cannot_be_pulled_although_it_is_not_deleted_yet()
    {
        var time = new FakeTimeProvider(Start);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (mia, jonas) = await ImportTwoAsync(app);
        await app.SendAsync(mia, jonas, 1);
        time.Advance(TimeSpan.FromDays(7) + TimeSpan.FromHours(1));
        await app.SendAsync(mia, jonas, 2);

        var command = app.Get<GetConversationLog>();
        var request = new ConversationLogRequest(new ConversationReference(jonas, mia, "Owner_Account"), 0, 1, 100);
        var page = await command.HandleAsync(new Caller(app.App, jonas), request, TestContext.Current.CancellationToken);

        Assert.Equal([2L], page.Value.Entries.Select(entry => entry.Seq!.Value));
        Assert.Equal(2, page.Value.UpToSeq);
    }

    [Fact]
    public async Task A_cleared_history_is_gone_at_once_and_its_rows_soon_and_what_comes_later_stays()
    {
        var time = new FakeTimeProvider(Start);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (mia, jonas) = await ImportTwoAsync(app);
        var content = new MessageContent(new RawJson("""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"1"}}]"""), null, null, false, false);
        var old = Start.AddDays(-1).ToUnixTimeSeconds();
        await app.Get<MessageImport>().ImportAsync(app.Key(mia), app.Key(jonas), new MessageKey(1, 1, old), content, ImportKind.History);
        for (uint n = 1; n <= 60; n++)
        {
            await app.SendAsync(mia, jonas, n);
        }

        var change = await app.Get<ConversationRemoval>().RemoveAsync(app.Key(jonas), mia, clearsHistory: true);
        var again = await app.Get<ConversationRemoval>().RemoveAsync(app.Key(jonas), mia, clearsHistory: true);

        Assert.Equal(61, change!.Seq);
        Assert.Null(again);
        Assert.Empty(await HistoryAsync(app, jonas, mia));
        Assert.Equal(0, await UnreadAsync(app, jonas, mia));
        await Eventually.GetAsync("the rows are gone", async () => (await RowsAsync(app, jonas, "m|"), await RowsAsync(app, jonas, "h|")) == (1, 0), Deadline);
        await app.Get<MessageImport>().ImportAsync(app.Key(mia), app.Key(jonas), new MessageKey(2, 1, old), content, ImportKind.History);
        await app.SendAsync(mia, jonas, 61);
        Assert.Equal([2, 61], await HistoryAsync(app, jonas, mia));
        Assert.Equal(63, (await HistoryAsync(app, mia, jonas)).Count());
    }

    private static async Task<IEnumerable<int>> HistoryAsync(AppInstance app, string owner, string peer)
    {
        var page = await app.Get<ConversationHistory>().ReadAsync(app.Key(owner), peer, new HistoryQuery(0, long.MaxValue, 100, null), CancellationToken.None);
        Assert.True(page.IsComplete);
        return page.Messages.Select(message => (int)message.Key.MsgSeq);
    }

    private static async Task<IEnumerable<long>> LogAsync(AppInstance app, string owner, string peer) =>
        (await app.Get<ConversationLog>().ReadAfterAsync(app.Key(owner), peer, 0, 100, 0, CancellationToken.None))!.Entries.Select(entry => entry.Seq!.Value);

    private static async Task<long> UnreadAsync(AppInstance app, string owner, string peer) =>
        (await app.Get<ConversationList>().FindAsync(app.Key(owner), peer, CancellationToken.None))!.Unread;

    private static async Task<int> RowsAsync(AppInstance app, string owner, string prefix)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {app.Key(owner).PartitionKey} and RowKey ge {prefix} and RowKey lt {prefix + "}"}");
        return await app.Get<TableStore>().Accounts.QueryAsync<TableEntity>(app.Key(owner).PartitionKey, filter).CountAsync();
    }

    private static async Task<(string Mia, string Jonas)> ImportTwoAsync(AppInstance app)
    {
        var number = Interlocked.Increment(ref _accounts);
        var (mia, jonas) = ($"life-mia-{number}", $"life-jonas-{number}");
        await app.ImportAsync(mia);
        await app.ImportAsync(jonas);
        return (mia, jonas);
    }
}
