using Parley.Callbacks;
using Parley.Connections;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>What callbacks cost, counted from outside: requests to table storage and jobs.</summary>
public sealed class CallbackCostTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_costs_no_transaction_more_with_its_callback_and_reads_nothing(bool isOn)
    {
        await using var lab = await CallbackLab.StartAsync(azurite, app => app with { CallbackCommands = isOn ? ["C2C.CallbackAfterSendMsg"] : [] });
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        await lab.SendAsync(mia, jonas, "0", 1);
        lab.Instance.Storage.ResetCounts();

        for (uint seq = 2; seq < 12; seq++)
        {
            await lab.SendAsync(mia, jonas, $"{seq}", seq);
        }

        Assert.Equal(20, lab.Instance.Storage.Count(RequestKind.Batch));
        Assert.Equal(20, lab.Instance.Storage.Requests.Count);
        Assert.Equal(isOn ? 11 : 0, (await lab.WaitingAsync(jonas)).Count);
    }

    [Fact]
    public async Task A_friendship_costs_no_transaction_more_with_its_callback_and_reads_nothing_more()
    {
        var (off, on) = (await CountAsync([], 0), await CountAsync(["Sns.CallbackFriendAdd", "Sns.CallbackFriendDelete"], 11));

        // The app's settings may have been read again meanwhile.
        Assert.Equal((30, 30), (off.Batches, on.Batches));
        Assert.InRange(on.All, off.All - 3, off.All + 3);

        async Task<(int Batches, int All)> CountAsync(IReadOnlyList<string> commands, int waiting)
        {
            await using var lab = await CallbackLab.StartAsync(azurite, app => app with { CallbackCommands = commands });
            var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
            await ChangeAsync("friend_add");
            lab.Instance.Storage.ResetCounts();

            foreach (var _ in Enumerable.Range(0, 5))
            {
                await ChangeAsync("friend_delete");
                await ChangeAsync("friend_add");
            }

            var counted = (lab.Instance.Storage.Count(RequestKind.Batch), lab.Instance.Storage.Requests.Count);
            Assert.Equal(waiting, (await lab.WaitingAsync(jonas)).Count);
            return counted;

            Task<System.Text.Json.JsonElement> ChangeAsync(string command) => lab.CallAsync(
                command, new { From_Account = mia, AddFriendItem = new[] { new { To_Account = jonas } }, To_Account = new[] { jonas }, DeleteType = "Delete_Type_Both" }, service: "sns");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_that_comes_and_goes_costs_no_transaction_more_with_its_callbacks(bool isOn)
    {
        await using var lab = await CallbackLab.StartAsync(azurite, app => app with { CallbackCommands = isOn ? ["State.StateChange"] : [] });
        var mia = await lab.ImportAsync("mia");
        var (events, claims) = (lab.Instance.Get<ConnectionEvents>(), new ConnectionClaims(Platform.Web, long.MaxValue));
        await events.ConnectedAsync(lab.Key(mia), "first", claims);
        lab.Instance.Storage.ResetCounts();

        foreach (var n in Enumerable.Range(0, 5))
        {
            await events.ConnectedAsync(lab.Key(mia), $"connection {n}", claims);
            await events.DisconnectedAsync(lab.Key(mia), $"connection {n}");
        }

        Assert.Equal(10, lab.Instance.Storage.Count(RequestKind.Batch));
        Assert.Equal(isOn ? 11 : 0, (await lab.WaitingAsync(mia)).Count);
    }

    [Fact]
    public async Task Sending_costs_one_query_a_batch_and_one_transaction_a_callback_and_one_more()
    {
        await using var lab = await CallbackLab.StartAsync(azurite, app => app with { CallbackCommands = ["C2C.CallbackAfterSendMsg"] });
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Queue.LosesJobs = true;
        for (uint seq = 1; seq <= 10; seq++)
        {
            await lab.SendAsync(mia, jonas, $"{seq}", seq);
        }

        var instance = await lab.AddInstanceAsync();
        instance.Storage.ResetCounts();
        await instance.Get<CallbackDrain>().RunAsync(lab.StreamOf(jonas), isRepeated: false, TestContext.Current.CancellationToken);

        Assert.Equal(10, lab.Receiver.Received.Count);
        Assert.Equal(11, instance.Storage.Count(RequestKind.Batch));

        // One for the batch of callbacks, one for how much is unread, which all of them say, and one for the layouts, which an instance asks for with its first app.
        Assert.Equal(1 + 1 + 1, instance.Storage.Count(RequestKind.Query));

        // The app, where partitions are, and the row of the progress.
        Assert.InRange(instance.Storage.Count(RequestKind.Get), 1, 3);
    }

    [Fact]
    public async Task Jobs_for_one_stream_are_few_however_many_callbacks_come()
    {
        await using var lab = await CallbackLab.StartAsync(azurite, app => app with { CallbackCommands = ["C2C.CallbackAfterSendMsg"] });
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));

        await Task.WhenAll(Enumerable.Range(1, 64).Select(n => lab.SendAsync(mia, jonas, $"{n}", (uint)n)));
        await lab.Instance.Get<CallbackWakeups>().StopAsync(TestContext.Current.CancellationToken);

        Assert.InRange(lab.Queue.Queued, 1, 32);
        await lab.DrainAsync(jonas);
        Assert.Equal(64, lab.Receiver.Received.Count);
    }
}
