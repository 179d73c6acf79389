using Parley.Messages;
using Parley.Tests.Support;

namespace Parley.Tests.Messages;

/// <summary>What a one-to-one message costs, counted from outside: requests to table storage and calls of the SignalR service.</summary>
public sealed class MessageCostTests(AzuriteFixture azurite)
{
    private static int _accounts;

    [Theory]
    [InlineData(SenderCopy.Stored, 2, 1)]
    [InlineData(SenderCopy.StoredAndPushed, 2, 2)]
    [InlineData(SenderCopy.None, 1, 1)]
    public async Task In_a_known_conversation_it_is_one_transaction_a_side_and_one_call_a_receiver(SenderCopy copy, int transactions, int calls)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = await ImportTwoAsync(app);
        await app.SendAsync(mia, jonas, 1);
        await app.FlushAsync();
        app.Storage.ResetCounts();
        var callsBefore = signalR.Counters.RestCalls;

        for (uint seq = 2; seq < 12; seq++)
        {
            await app.SendAsync(mia, jonas, seq, copy);
            await app.FlushAsync();
        }

        Assert.Equal(10 * transactions, app.Storage.Count(RequestKind.Batch));
        Assert.Equal(10 * transactions, app.Storage.Requests.Count);
        Assert.Equal(10 * calls, signalR.Counters.RestCalls - callsBefore);
    }

    [Fact]
    public async Task The_first_message_of_a_conversation_reads_once_and_writes_twice()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = await ImportTwoAsync(app);
        app.Storage.ResetCounts();

        await app.SendAsync(mia, jonas, 1);

        Assert.Equal(1, app.Storage.Count(RequestKind.Get));
        Assert.Equal(2, app.Storage.Count(RequestKind.Batch));
        Assert.Equal(3, app.Storage.Requests.Count);
    }

    [Fact]
    public async Task An_online_only_message_stores_nothing()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = await ImportTwoAsync(app);
        app.Storage.ResetCounts();

        await app.SendAsync(mia, jonas, 1, isOnlineOnly: true);

        Assert.Empty(app.Storage.Requests);
    }

    [Fact]
    public async Task Concurrent_messages_share_transactions()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = await ImportTwoAsync(app);
        await app.SendAsync(mia, jonas, 1);
        app.Storage.ResetCounts();

        await Task.WhenAll(Enumerable.Range(2, 64).Select(n => app.SendAsync(mia, jonas, (uint)n)));

        // Twice 64 without sharing. The first to come goes alone; the rest waits for it and fits into two or three.
        Assert.InRange(app.Storage.Requests.Count, 2, 16);
    }

    private static async Task<(string Mia, string Jonas)> ImportTwoAsync(AppInstance app)
    {
        var n = Interlocked.Increment(ref _accounts);
        await app.ImportAsync($"cost-mia-{n}");
        await app.ImportAsync($"cost-jonas-{n}");
        return ($"cost-mia-{n}", $"cost-jonas-{n}");
    }
}
