using System.Text.Json;
using Azure.Data.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Parley.Connections;
using Parley.Maintenance;
using Parley.Messages;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Messages;

[Collection(SweepCollection.Name)]
public sealed class ExpiryTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static int _accounts;

    [Fact]
    public async Task Old_messages_go_when_their_conversation_is_next_written_to_and_numbering_goes_on()
    {
        var time = new FakeTimeProvider(Start);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (mia, jonas) = await ImportTwoAsync(app);
        await SendManyAsync(app, mia, jonas, first: 1, count: 100);
        time.Advance(TimeSpan.FromDays(5));
        await SendManyAsync(app, mia, jonas, first: 101, count: 3);
        time.Advance(TimeSpan.FromDays(4));

        await app.SendAsync(mia, jonas, 104);

        foreach (var (owner, peer) in new[] { (mia, jonas), (jonas, mia) })
        {
            await Eventually.GetAsync("the old messages are deleted", async () => (await RowsAsync(app, owner, "m|")).Count == 4, Deadline);
            Assert.Equal(4, (await RowsAsync(app, owner, "k|")).Count);
            var head = Assert.Single(await RowsAsync(app, owner, "c|"));
            Assert.Equal(101, head.GetInt64("FirstSeq"));
            Assert.Equal(104, head.GetInt64("LastSeq"));
            Assert.Equal((Start + TimeSpan.FromDays(5)).ToUnixTimeSeconds(), head.GetInt64("FirstTime"));
            Assert.Equal([101, 102, 103, 104], await ReadAsync(app, owner, peer));
        }
    }

    [Fact]
    public async Task Old_messages_of_an_idle_conversation_go_with_the_sweep()
    {
        var time = new FakeTimeProvider(Start);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (mia, jonas) = await ImportTwoAsync(app);
        await SendManyAsync(app, mia, jonas, first: 1, count: 3);
        time.Advance(TimeSpan.FromDays(9));

        await app.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken);

        Assert.Empty(await RowsAsync(app, mia, "m|"));
        Assert.Empty(await RowsAsync(app, jonas, "m|"));
        Assert.Empty(await RowsAsync(app, jonas, "k|"));
        var again = await app.SendAsync(mia, jonas, 4);
        Assert.Equal([4], await ReadAsync(app, jonas, mia));
        Assert.Equal((Start + TimeSpan.FromDays(9)).ToUnixTimeSeconds(), again.MsgTime);
    }

    [Fact]
    public async Task A_connection_whose_end_was_never_reported_goes_with_the_sweep_and_an_open_one_stays()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (mia, _) = await ImportTwoAsync(app);
        var now = time.GetUtcNow();
        await app.Get<ConnectionTable>().AddAsync(app.Key(mia), new NewConnection(new ConnectionRow("ghost", Platform.Web, now, now, null), 0, []), TestContext.Current.CancellationToken);
        await app.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken);
        Assert.Single(await RowsAsync(app, mia, "p|"));

        time.Advance(TimeSpan.FromMinutes(11));
        await app.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken);

        Assert.Empty(await RowsAsync(app, mia, "p|"));
    }

    [Fact]
    public async Task The_timer_is_answered_with_a_JSON_object_as_the_host_demands()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };

        await app.Get<TimerFunction>().HandleAsync(http);

        http.Response.Body.Position = 0;
        using var answer = await JsonDocument.ParseAsync(http.Response.Body, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(StatusCodes.Status200OK, http.Response.StatusCode);
        Assert.Equal(JsonValueKind.Object, answer.RootElement.ValueKind);
    }

    private static async Task SendManyAsync(AppInstance app, string from, string to, uint first, uint count)
    {
        for (var seq = first; seq < first + count; seq++)
        {
            await app.SendAsync(from, to, seq);
        }
    }

    private static async Task<IEnumerable<long>> ReadAsync(AppInstance app, string owner, string peer)
    {
        var page = await app.Get<ConversationHistory>().ReadAsync(app.Key(owner), peer, new HistoryQuery(0, long.MaxValue, 100, null), CancellationToken.None);
        return page.Messages.Select(message => message.Sequence);
    }

    private static async Task<List<TableEntity>> RowsAsync(AppInstance app, string account, string prefix)
    {
        var rows = new List<TableEntity>();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {app.Key(account).PartitionKey} and RowKey ge {prefix} and RowKey lt {prefix[..1] + "}"}");
        await foreach (var row in app.Get<TableStore>().Accounts.QueryAsync<TableEntity>(app.Key(account).PartitionKey, filter))
        {
            rows.Add(row);
        }

        return rows;
    }

    private static async Task<(string Mia, string Jonas)> ImportTwoAsync(AppInstance app)
    {
        var n = Interlocked.Increment(ref _accounts);
        await app.ImportAsync($"old-mia-{n}");
        await app.ImportAsync($"old-jonas-{n}");
        return ($"old-mia-{n}", $"old-jonas-{n}");
    }
}
