using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

public sealed class OrderTests
{
    [Fact]
    public async Task Concurrent_broadcasts_reach_every_client_in_one_order_and_none_is_lost()
    {
        const int Senders = 8;
        const int Each = 50;
        await using var service = await TestService.StartAsync();
        await using var mia = await service.ConnectAsync("mia");
        await using var jonas = await service.ConnectAsync("jonas", messagePack: true);

        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
        {
            for (var i = 0; i < Each; i++)
            {
                using var sent = await service.NoteAsync("chat/:send", $"{sender}:{i:00}");
                Assert.Equal(202, (int)sent.StatusCode);
            }
        }));

        var seen = await mia.NextNotesAsync(Senders * Each);
        Assert.Equal(seen, await jonas.NextNotesAsync(Senders * Each));
        foreach (var ofOne in seen.GroupBy(note => note[0]))
        {
            Assert.Equal(Enumerable.Range(0, Each).Select(i => $"{ofOne.Key}:{i:00}"), ofOne);
        }
    }

    [Fact]
    public async Task Members_come_and_go_while_a_group_is_sent_to()
    {
        await using var service = await TestService.StartAsync();
        await using var witness = await service.ConnectAsync("witness");
        Assert.Equal(200, await service.StatusAsync("PUT", $"chat/groups/room/connections/{witness.Id}"));
        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/guest/groups/room"));
        var visits = Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            for (var i = 0; i < 5; i++)
            {
                await using var guest = await service.ConnectAsync("guest");
                await guest.NextNoteAsync();
            }
        }));

        var sent = 0;
        while (!visits.IsCompleted)
        {
            using var response = await service.NoteAsync("chat/groups/room/:send", $"{sent++}");
            Assert.Equal(202, (int)response.StatusCode);
        }

        await visits;
        Assert.Equal(Enumerable.Range(0, sent).Select(i => $"{i}"), await witness.NextNotesAsync(sent));
        await Eventually.HoldsAsync(() => service.Emulator.Counters.Connections == 1, "the guests are gone");
    }
}
