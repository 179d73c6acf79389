using Microsoft.Extensions.Time.Testing;
using Parley.Messages;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.Messages;

[Collection(SweepCollection.Name)]
public sealed class ExtensionLimitTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task The_301st_pair_and_the_201st_change_of_a_minute_are_refused_and_change_nothing()
    {
        var time = new FakeTimeProvider(new(2026, 5, 1, 12, 0, 30, TimeSpan.Zero));
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        await app.ImportAsync("limit-mia");
        await app.ImportAsync("limit-jonas");
        var key = await SendAsync(app);

        Assert.Equal(200, await SetAsync(app, key, 0, 200));
        Assert.Equal(ApiError.ExtensionTooOften, await RefusedAsync(app, key, 200));
        Assert.Equal((200, 200L), await StateAsync(app, key));

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(100, await SetAsync(app, key, 200, 100));
        Assert.Equal(ApiError.ExtensionParameter.Code, (await RefusedAsync(app, key, 300)).Code);
        Assert.Equal((300, 300L), await StateAsync(app, key));

        await ChangeAsync(app, key, ExtensionOperation.Delete, [new("k7", "", 0)]);
        Assert.Equal(1, await SetAsync(app, key, 300, 1));
        Assert.Equal((300, 302L), await StateAsync(app, key));
    }

    private static async Task<MessageKey> SendAsync(AppInstance app)
    {
        var content = new MessageContent(new("""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"vote"}}]"""), null, null, false, SupportsExtension: true);
        var message = new OutgoingMessage("limit-mia", "limit-jonas", 1, 1, null, content, false, SenderCopy.Stored, true, true);
        return (await app.Get<MessageSender>().SendAsync(app.App, message, CancellationToken.None)).Value;
    }

    // In calls of 20 pairs; answers how many were set.
    private static async Task<int> SetAsync(AppInstance app, MessageKey key, int first, int count)
    {
        var set = 0;
        foreach (var items in Enumerable.Range(first, count).Select(n => new ExtensionItem($"k{n}", "v", 0)).Chunk(20))
        {
            set += (await ChangeAsync(app, key, ExtensionOperation.Set, items)).Value.Items.Count(item => item.ErrorCode == 0);
        }

        return set;
    }

    private static async Task<ApiError> RefusedAsync(AppInstance app, MessageKey key, int number) =>
        (await ChangeAsync(app, key, ExtensionOperation.Set, [new($"k{number}", "v", 0)])).Error!;

    private static Task<Result<ExtensionOutcome>> ChangeAsync(AppInstance app, MessageKey key, ExtensionOperation operation, IReadOnlyList<ExtensionItem> items) =>
        app.Get<MessageExtensions>().ChangeAsync(app.Key("limit-mia"), app.Key("limit-jonas"), key, operation, items, checksSeq: false);

    private static async Task<(int Pairs, long Latest)> StateAsync(AppInstance app, MessageKey key)
    {
        var state = (await app.Get<MessageExtensions>().ReadAsync(app.Key("limit-mia"), app.Key("limit-jonas"), key, 0, CancellationToken.None)).Value;
        return (state.Extensions.Count, state.Latest);
    }
}
