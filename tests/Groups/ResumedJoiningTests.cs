using System.Text.Json;
using Parley.Apps;
using Parley.Groups;
using Parley.Groups.Membership;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>Calls that add many members and break off in the middle.</summary>
[Collection(SweepCollection.Name)]
public sealed class ResumedJoiningTests(AzuriteFixture azurite)
{
    private const int Many = 500;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>500 transactions begin with the accounts, 13 add to the group, 500 settle the accounts: it breaks off in each of the three.</summary>
    [Theory]
    [InlineData(300)]
    [InlineData(504)]
    [InlineData(850)]
    public async Task A_call_that_added_500_and_broke_off_is_finished_by_its_repetition(int writes)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        string anna;
        string[] crowd;
        GroupKey key;
        await using (var first = await AppInstance.StartAsync(azurite, signalR.Endpoint, null, ("Storage:RetryMilliseconds", "200")))
        {
            anna = (await first.ImportAsync(1, "anna"))[0];
            crowd = await first.ImportAsync(Many, "crowd");
            key = await first.CreateAsync(GroupType.Public, anna);
            var count = 0;
            first.Storage.Plan = request => request.IsWrite && Interlocked.Increment(ref count) > writes ? Fault.DropBefore : Fault.None;
            await Record.ExceptionAsync(() => AddAsync(first, key, crowd));
            Assert.True(first.Storage.FaultCount > 0);
        }

        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint, new LaterTime());
        var before = (await second.MembersAsync(key)).Select(member => member.Account).ToHashSet();
        var again = await AddAsync(second, key, crowd);

        Assert.Equal(crowd.Select(account => before.Contains(account) ? 2 : 1), again.MemberList.Select(member => member.Result));
        Assert.Equal(Many + 1, (await second.MembersAsync(key)).Count);
        await second.AssertSettledAsync(key, [anna, .. crowd]);
    }

    /// <summary>A clock that goes as the system's, at a time when what broke off is known to have broken off.</summary>
    private sealed class LaterTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + GroupMembership.BrokenAfter + TimeSpan.FromMinutes(1);
    }

    private static async Task<AddGroupMembersResponse> AddAsync(AppInstance app, GroupKey key, string[] accounts)
    {
        var body = new { key.GroupId, MemberList = accounts.Select(account => new { Member_Account = account }) };
        var request = AddGroupMembersRequest.Read(new FieldReader(JsonSerializer.SerializeToElement(body)));
        return (await app.Get<AddGroupMembers>().HandleAsync(new Caller(app.App, "administrator"), request, Stop)).Value;
    }
}
