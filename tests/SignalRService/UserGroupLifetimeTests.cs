using Microsoft.Extensions.Time.Testing;
using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

public sealed class UserGroupLifetimeTests
{
    private readonly FakeTimeProvider _clock = TestService.NewClock();

    [Fact]
    public async Task A_ttl_ends_a_membership_for_open_and_later_connections()
    {
        await using var service = await StartAsync();
        await using var client = await service.ConnectAsync("mia");
        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/room?ttl=60"));
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/groups/room"));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/users/mia/groups/room"));

        _clock.Advance(TimeSpan.FromSeconds(1));

        await using var later = await service.ConnectAsync("mia");
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/room"));
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/users/mia/groups/room"));
        using var lost = await service.NoteAsync("chat/groups/room/:send", "lost");
        using var end = await service.NoteAsync("chat/:send", "end");
        Assert.Equal("end", await client.NextNoteAsync());
    }

    [Fact]
    public async Task Adding_again_renews_a_ttl()
    {
        await using var service = await StartAsync();
        await using var client = await service.ConnectAsync("mia");
        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/room?ttl=60"));
        _clock.Advance(TimeSpan.FromSeconds(50));

        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/room?ttl=60"));

        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/groups/room"));
    }

    [Fact]
    public async Task A_ttl_of_zero_is_for_the_connections_open_now()
    {
        await using var service = await StartAsync();
        await using (var open = await service.ConnectAsync("mia"))
        {
            Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/room?ttl=0"));
            using var sent = await service.NoteAsync("chat/groups/room/:send", "now");
            Assert.Equal("now", await open.NextNoteAsync());
        }

        await Eventually.HoldsAsync(() => service.Emulator.Counters.Connections == 0, "the connection is gone");
        await using var later = await service.ConnectAsync("mia");

        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/room"));
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/users/mia/groups/room"));
    }

    [Fact]
    public async Task Without_a_ttl_a_user_keeps_the_hundred_groups_updated_last()
    {
        await using var service = await StartAsync();
        await using var client = await service.ConnectAsync("mia");
        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/timed?ttl=1000"));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(200, await service.StatusAsync("PUT", $"chat/users/mia/groups/g{i}"));
        }

        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/g0"));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/groups/g1"));

        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/g100"));

        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/users/mia/groups/g1"));
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/g1"));
        foreach (var kept in new[] { "g0", "g2", "g99", "g100", "timed" })
        {
            Assert.Equal(200, await service.StatusAsync("HEAD", $"chat/users/mia/groups/{kept}"));
            Assert.Equal(200, await service.StatusAsync("HEAD", $"chat/groups/{kept}"));
        }
    }

    [Fact]
    public async Task With_a_ttl_a_user_keeps_more_than_a_hundred_groups()
    {
        await using var service = await StartAsync();
        for (var i = 0; i < 120; i++)
        {
            Assert.Equal(200, await service.StatusAsync("PUT", $"chat/users/mia/groups/g{i}?ttl=1000"));
        }

        await using var client = await service.ConnectAsync("mia");

        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/groups/g0"));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/groups/g119"));
    }

    [Fact]
    public async Task Losing_a_user_membership_leaves_the_connections_own()
    {
        await using var service = await StartAsync();
        await using var client = await service.ConnectAsync("mia");
        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/room?ttl=10"));
        Assert.Equal(200, await service.StatusAsync("PUT", $"chat/groups/room/connections/{client.Id}"));

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/groups/room"));
    }

    [Fact]
    public async Task Without_a_ttl_a_membership_lasts_a_year()
    {
        await using var service = await StartAsync();
        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/room"));
        _clock.Advance(TimeSpan.FromDays(365) - TimeSpan.FromSeconds(1));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/users/mia/groups/room"));

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/users/mia/groups/room"));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("1.5")]
    [InlineData("")]
    public async Task A_ttl_that_is_no_number_of_seconds_is_a_bad_request(string ttl)
    {
        await using var service = await StartAsync();

        Assert.Equal(400, await service.StatusAsync("PUT", $"chat/users/mia/groups/room?ttl={ttl}"));
    }

    private Task<TestService> StartAsync() =>
        TestService.StartAsync(options => options with { Time = _clock, ClientTimeout = TimeSpan.FromDays(40) });
}
