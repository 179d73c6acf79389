using Parley.Apps;
using Parley.Groups;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>What messages to groups cost, counted from outside.</summary>
public sealed class GroupMessageCostTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData(2)]
    [InlineData(300)]
    public async Task A_message_is_one_transaction_no_read_and_one_call_of_SignalR_whatever_the_size(int size)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (key, members) = await CreateAsync(app, size);
        var first = (await app.SendAsync(key, members[0], 1)).Value.Seq;
        await app.FlushAsync();
        app.Storage.ResetCounts();
        var calls = signalR.Counters.RestCalls;

        for (uint random = 2; random < 7; random++)
        {
            Assert.Equal(first + random - 1, (await app.SendAsync(key, members[0], random)).Value.Seq);
            await app.FlushAsync();
        }

        Assert.Equal((5, 5), (app.Storage.Count(RequestKind.Batch), app.Storage.Requests.Count));
        Assert.Equal(5, signalR.Counters.RestCalls - calls);
    }

    [Fact]
    public async Task Sixty_four_senders_to_one_group_share_transactions()
    {
        const int Senders = 64;
        const int Each = 10;
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (key, members) = await CreateAsync(app, Senders);
        var settings = app.App with { GroupMessagesPerSecond = 100_000 };
        var before = (await Task.WhenAll(members.Select((member, i) => app.SendAsync(key, member, 1_000_000 + (uint)i, settings)))).Max(sent => sent.Value.Seq);
        app.Storage.ResetCounts();

        var numbers = await Task.WhenAll(members.Select(async (member, i) =>
        {
            var own = new List<long>();
            for (var n = 0; n < Each; n++)
            {
                own.Add((await app.SendAsync(key, member, (uint)((i * Each) + n), settings)).Value.Seq);
            }

            return own;
        }));

        Assert.Equal(Enumerable.Range(1, Senders * Each).Select(n => before + n), numbers.SelectMany(own => own).Order());
        Assert.InRange(app.Storage.Count(RequestKind.Batch), 1, Senders * Each / 10);
    }

    private static async Task<(GroupKey Key, string[] Members)> CreateAsync(AppInstance app, int size)
    {
        var members = await app.ImportAsync(size, "sender");
        var key = await app.CreateAsync(GroupType.Public, members[0]);
        Assert.Null((await app.AddAsync(key, members[1..])).Error);
        return (key, members);
    }
}
