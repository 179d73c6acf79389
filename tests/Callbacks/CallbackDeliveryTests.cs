using System.Collections.Concurrent;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>Callbacks after events reach their receiver: at least once, in order, never more often than allowed, whatever dies on the way.</summary>
public sealed class CallbackDeliveryTests(AzuriteFixture azurite)
{
    private const string After = "C2C.CallbackAfterSendMsg";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_callback_is_tried_again_under_the_same_id_before_the_next_one_goes()
    {
        await using var lab = await StartAsync();
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Receiver.Script = callback => Text(callback) == "first" && callback.Attempt <= 3 ? CallbackReply.Error : CallbackReply.Ok;

        await lab.SendAsync(mia, jonas, "first", 1);
        await lab.SendAsync(mia, jonas, "second", 2);
        await lab.DrainAsync(jonas);

        var received = lab.Receiver.Received.ToList();
        Assert.Equal(["first", "first", "first", "first", "second"], received.Select(Text));
        Assert.Equal([1, 2, 3, 4, 1], received.Select(callback => callback.Attempt));
        Assert.Equal(2, received.Select(callback => callback.Id).Distinct().Count());
    }

    [Fact]
    public async Task The_answers_codes_do_not_matter()
    {
        await using var lab = await StartAsync();
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Receiver.Script = _ => CallbackReply.Json("""{"ActionStatus":"FAIL","ErrorInfo":"","ErrorCode":1}""");

        await lab.SendAsync(mia, jonas, "first");
        await lab.DrainAsync(jonas);

        Assert.Single(lab.Receiver.Received);
        Assert.Empty(await lab.DeadAsync());
    }

    [Fact]
    public async Task After_the_last_attempt_it_lies_among_the_dead_with_its_reason_and_the_next_one_goes()
    {
        await using var lab = await StartAsync(app => app with { CallbackAttempts = 3 });
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Receiver.Script = callback => Text(callback) == "bad" ? CallbackReply.Error : CallbackReply.Ok;

        var key = await lab.SendAsync(mia, jonas, "bad", 1);
        await lab.SendAsync(mia, jonas, "good", 2);
        await lab.DrainAsync(jonas);

        Assert.Equal(["bad", "bad", "bad", "good"], lab.Receiver.Received.Select(Text));
        var dead = Assert.Single(await lab.DeadAsync());
        Assert.Equal((3, "status 500", After), (dead.GetInt32("Attempts"), dead.GetString("Reason"), dead.GetString("Command")));
        Assert.Equal(lab.Receiver.Received.First().Id, dead.GetString("Id"));
        Assert.Contains(key, System.Text.Encoding.UTF8.GetString(dead.GetBinary("Body")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_old_or_has_no_URL_any_more_is_given_up_without_an_attempt()
    {
        await using var lab = await StartAsync();
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        await lab.SendAsync(mia, jonas, "old", 1);
        var later = await lab.AddInstanceAsync(new ShiftedTime(TimeSpan.FromHours(25)));

        await later.Get<CallbackDrain>().RunAsync(lab.StreamOf(jonas), isRepeated: false, Stop);
        await lab.SendAsync(mia, jonas, "nowhere", 2);
        await lab.CallAsync("set_app_settings", """{"CallbackUrl":""}""", service: "openconfigsvr");
        await lab.Instance.Get<CallbackDrain>().RunAsync(lab.StreamOf(jonas), isRepeated: false, Stop);

        Assert.Empty(lab.Receiver.Received);
        Assert.Empty(await lab.WaitingAsync(jonas));
        Assert.Equal(["older than 24 h", "the app has no URL for callbacks any more"], (await lab.DeadAsync()).Select(dead => dead.GetString("Reason")).Order());
        Assert.All(await lab.DeadAsync(), dead => Assert.Equal(0, dead.GetInt32("Attempts")));
    }

    [Fact]
    public async Task A_body_of_any_size_arrives_whole_and_one_that_no_row_can_hold_is_given_up()
    {
        await using var lab = await StartAsync();
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        var after = lab.Instance.Get<AfterCallbacks>();
        var texts = (int[])[1, 64 * 1024, 700_000, 1_000_000];

        foreach (var length in texts)
        {
            var callback = after.Begin(lab.App, CallbackCommands.AfterMessagesRead, CallOrigin.Unknown)!;
            await after.AppendAsync(lab.StreamOf(jonas), callback, new MessagesReadFields(mia, new string('x', length), length), ParleyJson.Wire.MessagesReadFields);
        }

        await lab.DrainAsync(jonas);

        Assert.Equal(texts.Take(3), lab.Receiver.Received.Select(callback => callback.Text("Peer_Account").Length));
        Assert.Contains("larger than", Assert.Single(await lab.DeadAsync()).GetString("Reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_whose_job_was_lost_is_found_by_the_sweep()
    {
        await using var lab = await StartAsync();
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Queue.LosesJobs = true;
        await lab.SendAsync(mia, jonas, "first");
        await lab.Instance.Get<CallbackWakeups>().StopAsync(Stop);
        lab.Queue.LosesJobs = false;
        var kind = lab.Instance.Get<IEnumerable<ISweptRows>>().Single(kind => kind is WaitingCallbacks && kind.Table == TableNames.Accounts);

        Assert.Equal(0, await SweepAsync(lab, kind, jonas, TimeProvider.System.GetUtcNow()));
        Assert.Equal(1, await SweepAsync(lab, kind, jonas, TimeProvider.System.GetUtcNow().AddMinutes(6)));
        await lab.DrainAsync(jonas);

        Assert.Equal("first", Text(Assert.Single(lab.Receiver.Received)));
    }

    [Fact]
    public async Task Senders_that_die_in_the_middle_never_make_more_attempts_than_allowed_and_the_next_goes_on_in_order()
    {
        const int attempts = 4;
        await using var lab = await StartAsync(app => app with { CallbackAttempts = attempts });
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Queue.LosesJobs = true;
        foreach (var n in Enumerable.Range(1, 3))
        {
            await lab.SendAsync(mia, jonas, $"{n}", (uint)n);
        }

        // Each is cut off from storage as soon as its first callback has arrived, so what it sent it cannot note.
        for (var n = 1; n <= 5; n++)
        {
            var dying = await lab.AddInstanceAsync(new ShiftedTime(CallbackProgress.Lease * n * 2), ("Storage:RetryMilliseconds", "200"));
            lab.Receiver.Script = _ =>
            {
                dying.Storage.Plan = _ => Fault.DropBefore;
                return CallbackReply.Ok;
            };
            await Assert.ThrowsAnyAsync<Exception>(() => dying.Get<CallbackDrain>().RunAsync(lab.StreamOf(jonas), isRepeated: false, Stop));
        }

        lab.Receiver.Script = _ => CallbackReply.Ok;
        var last = await lab.AddInstanceAsync(new ShiftedTime(CallbackProgress.Lease * 20));
        await last.Get<CallbackDrain>().RunAsync(lab.StreamOf(jonas), isRepeated: false, Stop);

        var received = lab.Receiver.Received.ToList();
        Assert.Equal(["1", "1", "1", "1", "2", "2", "3"], received.Select(Text));
        Assert.Equal([1, 2, 3, 4, 1, 2, 1], received.Select(callback => callback.Attempt));
        Assert.Equal("the outcome of the last attempt is not known", Assert.Single(await lab.DeadAsync()).GetString("Reason"));
        Assert.Empty(await lab.WaitingAsync(jonas));
    }

    [Fact]
    public async Task Instances_that_send_the_same_stream_at_once_send_each_callback_once_and_in_order()
    {
        await using var lab = await StartAsync();
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        await lab.AddInstanceAsync();
        await lab.AddInstanceAsync();

        var sending = Task.Run(
            async () =>
            {
                for (var n = 1; n <= 60; n++)
                {
                    await lab.SendAsync(mia, jonas, $"{n}", (uint)n);
                    foreach (var _ in Enumerable.Range(0, 3))
                    {
                        await lab.Queue.EnqueueAsync(CallbackJob.Of(lab.StreamOf(jonas)), Stop);
                    }
                }
            },
            Stop);
        while (!sending.IsCompleted)
        {
            await lab.DrainAsync();
        }

        await sending;
        await lab.DrainAsync(jonas);

        Assert.Equal(Enumerable.Range(1, 60).Select(n => $"{n}"), lab.Receiver.Received.Select(Text));
        Assert.All(lab.Receiver.Received, callback => Assert.Equal(1, callback.Attempt));
    }

    [Fact]
    public async Task While_the_receiver_is_away_no_attempts_are_used_up()
    {
        await using var lab = await StartAsync(app => app with { CallbackAttempts = 10 }, ("Callbacks:CircuitFailures", "2"));
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        var isAway = true;
        lab.Receiver.Script = _ => isAway ? CallbackReply.Error : CallbackReply.Ok;
        await lab.SendAsync(mia, jonas, "first");
        await lab.Instance.Get<CallbackWakeups>().StopAsync(Stop);
        var drain = lab.Instance.Get<CallbackDrain>();
        await Eventually.HoldsAsync(async () =>
        {
            await drain.RunAsync(lab.StreamOf(jonas), isRepeated: false, Stop);
            return lab.Receiver.Received.Count >= 3;
        });

        var before = lab.Receiver.Received.Count;
        foreach (var _ in Enumerable.Range(0, 50))
        {
            await drain.RunAsync(lab.StreamOf(jonas), isRepeated: false, Stop);
        }

        // Each look whether it is back is an attempt, and there are few in so short a time.
        Assert.InRange(lab.Receiver.Received.Count - before, 0, 5);
        isAway = false;
        await lab.DrainAsync(jonas);
        Assert.Empty(await lab.DeadAsync());
        Assert.Equal(Enumerable.Range(1, lab.Receiver.Received.Count), lab.Receiver.Received.Select(callback => callback.Attempt));
    }

    [Fact]
    public async Task A_thousand_events_survive_a_receiver_that_fails_half_the_time()
    {
        const int conversations = 20;
        const int each = 50;
        const int most = 10;
        await using var lab = await StartAsync(app => app with { CallbackAttempts = most });
        await lab.AddInstanceAsync();
        var mia = await lab.ImportAsync("mia");
        var receivers = await Task.WhenAll(Enumerable.Range(0, conversations).Select(n => lab.ImportAsync($"storm-{n}")));
        var dice = new Random(20261128);
        var answered = new ConcurrentQueue<ReceivedCallback>();
        lab.Receiver.Script = callback =>
        {
            // The last attempt succeeds, so that each event must arrive.
            lock (dice)
            {
                if (callback.Attempt < most && dice.Next(2) == 0)
                {
                    return dice.Next(3) switch { 0 => CallbackReply.Error, 1 => CallbackReply.Garbage, _ => CallbackReply.Error.After(20) };
                }
            }

            answered.Enqueue(callback);
            return CallbackReply.Ok;
        };

        var sending = Task.WhenAll(receivers.Select(async receiver =>
        {
            for (var n = 1; n <= each; n++)
            {
                await lab.SendAsync(mia, receiver, $"{n}", (uint)n);
            }
        }));
        while (!sending.IsCompleted)
        {
            await lab.DrainAsync();
        }

        await sending;
        await lab.DrainAsync(receivers);

        Assert.Empty(await lab.DeadAsync());
        foreach (var receiver in receivers)
        {
            Assert.Equal(Enumerable.Range(1, each).Select(n => $"{n}"), answered.Where(callback => callback.Text("To_Account") == receiver).Select(Text));
        }

        Assert.Equal(conversations * each, lab.Receiver.Received.Select(callback => callback.Id).Distinct().Count());
        Assert.All(lab.Receiver.Received.GroupBy(callback => callback.Id), attempts =>
        {
            Assert.InRange(attempts.Count(), 1, most);
            Assert.Equal(Enumerable.Range(1, attempts.Count()), attempts.Select(attempt => attempt.Attempt));
        });
    }

    private Task<CallbackLab> StartAsync(Func<App, App>? change = null, params (string Name, string Value)[] settings) =>
        CallbackLab.StartAsync(azurite, app => (change?.Invoke(app) ?? app) with { CallbackCommands = [After, "C2C.CallbackAfterMsgReport"] }, [("Callbacks:CircuitFailures", "20"), .. settings]);

    private static string Text(ReceivedCallback callback) => EndToEnd.Messages.TextOf(callback.Body);

    // What the timer would do in one partition at a time.
    private async Task<int> SweepAsync(CallbackLab lab, ISweptRows kind, string account, DateTimeOffset now)
    {
        var (looked, partition) = (0, lab.Key(account).PartitionKey);
        var table = new TableClient(await azurite.ConnectionStringAsync(), kind.Table);
        await foreach (var row in table.QueryAsync<TableEntity>($"PartitionKey eq '{partition}' and ({kind.Filter(now)})"))
        {
            Assert.True(kind.Has(row.RowKey));
            await kind.LookAtAsync(row, Stop);
            looked++;
        }

        return looked;
    }
}
