using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Groups;
using Parley.Groups.Live;
using Parley.Groups.Membership;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>Rows of groups whose time is over.</summary>
public sealed class ExpiredGroupRowTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sweep_takes_away_requests_mutes_and_bans_that_are_over_and_no_others()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var anna = (await app.ImportAsync(1, "anna"))[0];
        var key = await app.CreateAsync(GroupType.Public, anna);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        await app.Get<GroupStore>().ApplyAsync(key, group =>
        {
            foreach (var (name, asked, until) in new[] { ("old", now, now + 60), ("new", now + (3 * 86400), now + (30 * 86400)) })
            {
                group.Rows.Insert(new JoinRequest(JoinRequestKind.Application, name, "", "", asked, name == "old").ToRow());
                group.Rows.Insert(new JoinRequest(JoinRequestKind.Invitation, name, anna, "", asked).ToRow());
                group.Rows.Insert(new GroupMute(name, until).ToRow());
                group.Rows.Insert(new LiveBan(name, until, "").ToRow());
            }

            group.Put(group.Head! with { Mutes = 2, Bans = 2 });
            return true;
        }, Stop);

        time.Advance(TimeSpan.FromDays(9));
        await SweepAsync(app, key, time.GetUtcNow());

        var left = new List<string>();
        await foreach (var row in app.Get<GroupStore>().QueryAsync(key, "", "~", Stop))
        {
            left.Add(row.RowKey);
        }

        Assert.Equal(["b|new", "j|new", "q|new", "v|new"], left.Where(row => row[1..].StartsWith('|') && "bjqv".Contains(row[0])));
        var head = (await app.Get<GroupStore>().ReadHeadAsync(key, Stop))!;
        Assert.Equal((1, 1, 1), (head.Mutes, head.Bans, head.Members));
    }

    // As the sweep does, in this group alone: with this clock it would take away the messages of all others.
    private static async Task SweepAsync(AppInstance app, GroupKey key, DateTimeOffset now)
    {
        var kind = app.Get<IEnumerable<ISweptRows>>().OfType<ExpiredGroupRows>().Single();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {key.PartitionKey}") + $" and ({kind.Filter(now)})";
        await foreach (var row in app.Get<TableStore>().Groups.QueryAsync<TableEntity>(key.PartitionKey, filter, cancellationToken: Stop))
        {
            Assert.True(kind.Has(row.RowKey));
            await kind.LookAtAsync(row, Stop);
        }

        // What is looked at without being over stays.
        foreach (var rowKey in new[] { "j|new", "v|new", "q|new", "b|new" })
        {
            await kind.LookAtAsync(new TableEntity(key.PartitionKey, rowKey), Stop);
        }
    }
}
