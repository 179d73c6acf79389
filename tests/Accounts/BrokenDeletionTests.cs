using Microsoft.Extensions.Time.Testing;
using Parley.Accounts;
using Parley.Local.SignalRService;
using Parley.Maintenance;
using Parley.Messages;
using Parley.Tests.Support;

namespace Parley.Tests.Accounts;

/// <summary>Deletions that the store or the program breaks off, and such as meet senders.</summary>
[Collection(SweepCollection.Name)]
public sealed class BrokenDeletionTests(AzuriteFixture azurite)
{
    private static int _accounts;

    // Writes of a deletion: the note of the name, the account row, the heads, then rows in hundreds, then the marker.
    public static TheoryData<int, string> Breaks
    {
        get
        {
            var breaks = new TheoryData<int, string>();
            foreach (var writes in new[] { 1, 2, 3, 4 })
            {
                foreach (var repair in new[] { "call", "import", "sweep" })
                {
                    // Before the account row has gone there is nothing that the sweep could see.
                    if (writes > 1 || repair == "call")
                    {
                        breaks.Add(writes, repair);
                    }
                }
            }

            return breaks;
        }
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task What_breaks_off_is_finished_by_whoever_comes_upon_it(int writes, string repair)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        var (mia, jonas) = NewNames();
        await using (var first = await StartAsync(signalR))
        {
            await FillAsync(first, mia, jonas);
            var count = 0;
            first.Storage.Plan = request => request.IsWrite && Interlocked.Increment(ref count) > writes ? Fault.DropBefore : Fault.None;
            await Assert.ThrowsAnyAsync<Exception>(() => first.Get<AccountDirectory>().DeleteAsync(first.Key(mia), Stop));
        }

        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(11));
        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        Assert.NotEmpty(await RowsAsync(second, mia));
        switch (repair)
        {
            case "call":
                Assert.True(await second.Get<AccountDirectory>().DeleteAsync(second.Key(mia), Stop));
                break;
            case "sweep":
                await second.Get<Sweep>().RunAsync(Stop);
                break;
            default:
                await second.ImportAsync(mia);
                Assert.Equal(["accounts/a"], await RowsAsync(second, mia));
                await second.SendAsync(jonas, mia, 1000);
                return;
        }

        Assert.Empty(await RowsAsync(second, mia));
    }

    [Fact]
    public async Task Without_the_SignalR_service_it_stays_unfinished_and_nothing_new_begins_until_the_call_is_repeated()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var cut = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        await using var whole = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = NewNames();
        await FillAsync(whole, mia, jonas);

        await Assert.ThrowsAnyAsync<Exception>(() => cut.Get<AccountDirectory>().DeleteAsync(cut.Key(mia), Stop));

        Assert.False(await whole.Get<AccountTable>().ExistsAsync(whole.Key(mia), Stop));
        await cut.ImportAsync($"{jonas}-new");
        Assert.Equal(90012, (await SendAsync(cut, $"{jonas}-new", mia, 1)).Error?.Code);
        Assert.True(await whole.Get<AccountDirectory>().DeleteAsync(whole.Key(mia), Stop));
        Assert.Empty(await RowsAsync(whole, mia));
    }

    [Fact]
    public async Task Answers_that_are_lost_do_not_hinder_it()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = NewNames();
        await FillAsync(app, mia, jonas);
        app.Storage.Plan = FaultPlans.Random(7, 0.5, [Fault.DropAfter, Fault.DropBefore, Fault.Answer(503)], request => request.Kind == RequestKind.Batch);

        Assert.True(await app.Get<AccountDirectory>().DeleteAsync(app.Key(mia), Stop));

        app.Storage.Plan = FaultPlans.None;
        Assert.True(app.Storage.FaultCount > 0);
        Assert.Empty(await RowsAsync(app, mia));
    }

    [Fact]
    public async Task Senders_of_two_instances_cannot_keep_a_row_alive()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = NewNames();
        await FillAsync(here, mia, jonas);
        using var stop = new CancellationTokenSource();
        var counts = new int[4];
        var senders = Enumerable.Range(0, counts.Length).Select(async sender =>
        {
            var app = sender % 2 == 0 ? here : there;
            for (var seq = 10_000u + ((uint)sender * 10_000); !stop.IsCancellationRequested; seq++)
            {
                // Known conversations and new ones, as receiver and as sender.
                var other = $"{jonas}-{seq % 50}";
                await app.ImportAsync(other);
                var (from, to) = seq % 2 == 0 ? (other, mia) : (mia, other);
                if ((await SendAsync(app, from, to, seq)).Error is null)
                {
                    Interlocked.Increment(ref counts[sender]);
                }
            }
        }).ToList();
        await Eventually.HoldsAsync(() => counts.All(count => count > 5));

        Assert.True(await here.Get<AccountDirectory>().DeleteAsync(here.Key(mia), Stop));

        var rows = await RowsAsync(here, mia);
        var before = counts.Sum();
        await stop.CancelAsync();
        await Task.WhenAll(senders);
        Assert.Empty(rows);
        Assert.Empty(await RowsAsync(here, mia));
        Assert.InRange(counts.Sum() - before, 0, counts.Length);
    }

    [Fact]
    public async Task A_deletion_that_is_late_takes_nothing_from_the_account_that_was_imported_since()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var late = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var other = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = NewNames();
        await FillAsync(late, mia, jonas);

        // The late one has listed the rows, and its next transaction waits while the other finishes and the name is imported again.
        var reached = new TaskCompletionSource();
        var batches = 0;
        late.Storage.Plan = request =>
        {
            if (request.Kind != RequestKind.Batch || Interlocked.Increment(ref batches) != 3)
            {
                return Fault.None;
            }

            reached.TrySetResult();
            return Fault.Delay(TimeSpan.FromSeconds(2));
        };
        var deleting = late.Get<AccountDirectory>().DeleteAsync(late.Key(mia), Stop);
        await reached.Task.WaitAsync(Eventually.Deadline, Stop);
        await other.ImportAsync(mia);
        await other.SendAsync(jonas, mia, 1);
        var imported = await RowsAsync(other, mia);

        Assert.True(await deleting);

        Assert.Equal(4, imported.Count);
        Assert.Equal(imported, await RowsAsync(other, mia));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static (string Mia, string Jonas) NewNames()
    {
        var n = Interlocked.Increment(ref _accounts);
        return ($"gone-mia-{n}", $"gone-jonas-{n}");
    }

    private Task<AppInstance> StartAsync(SignalRServiceEmulator signalR) =>
        AppInstance.StartAsync(azurite, signalR.Endpoint, more: ("Storage:RetryMilliseconds", "100"));

    // 100 messages in one conversation and one in another: more than a transaction can hold.
    private static async Task FillAsync(AppInstance app, string mia, string jonas)
    {
        await app.ImportAsync(mia);
        await app.ImportAsync(jonas);
        await Task.WhenAll(Enumerable.Range(1, 100).Select(n => app.SendAsync(jonas, mia, (uint)n)));
        await app.SendAsync(mia, mia, 101);
        await app.FlushAsync();
    }

    private static async Task<Parley.Rest.Result<MessageKey>> SendAsync(AppInstance app, string from, string to, uint seq)
    {
        var content = new MessageContent(new("""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]"""), null, null, false, false);
        var message = new OutgoingMessage(from, to, seq, seq, null, content, false, SenderCopy.Stored, true, true);
        return await app.Get<MessageSender>().SendAsync(app.App, message, CancellationToken.None);
    }

    private async Task<IReadOnlyList<string>> RowsAsync(AppInstance app, string account) =>
        await StoredRows.OfAsync(await azurite.ConnectionStringAsync(), app.Key(account));
}
