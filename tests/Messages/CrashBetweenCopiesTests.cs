using Parley.Messages;
using Parley.Tests.Support;

namespace Parley.Tests.Messages;

/// <summary>A message whose two copies were not stored together: the sender's repetition heals it.</summary>
public sealed class CrashBetweenCopiesTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repeated_call_stores_the_missing_copy_under_the_same_key_and_tells_the_receiver(bool isReceiverStored)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (mia, jonas) = ($"crash-mia-{isReceiverStored}", $"crash-jonas-{isReceiverStored}");
        await app.ImportAsync(mia);
        await app.ImportAsync(jonas);
        await app.SendAsync(mia, jonas, 1);
        await app.FlushAsync();
        var now = TimeProvider.System.GetUtcNow();

        // What is left when the process ends between the two transactions: one copy, some seconds old.
        var content = new MessageContent(new("""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"2"}}]"""), null, null, false, false);
        var earlier = new NewMessage(new MessageKey(2, 2, now.ToUnixTimeSeconds() - 3), !isReceiverStored, content, "crashed", now.AddSeconds(-3), isReceiverStored, true);
        var (owner, peer) = isReceiverStored ? (jonas, mia) : (mia, jonas);
        await app.Get<ConversationTable>().AppendAsync(app.Key(owner), peer, earlier, isLikelyNew: false, TestContext.Current.CancellationToken);
        var calls = signalR.Counters.RestCalls;

        var key = await app.SendAsync(mia, jonas, 2);
        await app.FlushAsync();
        var again = await app.SendAsync(mia, jonas, 2);
        await app.FlushAsync();

        Assert.Equal(earlier.Key, key);
        Assert.Equal(key, again);
        Assert.Equal(1, signalR.Counters.RestCalls - calls);
        Assert.Equal(await KeysAsync(app, mia, jonas), await KeysAsync(app, jonas, mia));
        Assert.Equal(2, (await KeysAsync(app, jonas, mia)).Count);
    }

    [Fact]
    public async Task A_repeated_call_delivers_what_was_stored_but_never_handed_over()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var first = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await first.ImportAsync("lost-mia");
        await first.ImportAsync("lost-jonas");
        var key = await first.SendAsync("lost-mia", "lost-jonas", 1);

        var again = await second.SendAsync("lost-mia", "lost-jonas", 1);
        await second.SendAsync("lost-mia", "lost-jonas", 1);
        await second.FlushAsync();

        Assert.Equal(key, again);
        Assert.Equal(1, signalR.Counters.RestCalls);
        Assert.Single(await KeysAsync(second, "lost-jonas", "lost-mia"));
    }

    private static async Task<List<string>> KeysAsync(AppInstance app, string owner, string peer)
    {
        var page = await app.Get<ConversationHistory>().ReadAsync(app.Key(owner), peer, new HistoryQuery(0, long.MaxValue, 100, null), CancellationToken.None);
        return [.. page.Messages.Select(message => message.Key.ToString())];
    }
}
