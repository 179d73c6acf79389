using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Groups;
using Parley.Groups.Lifecycle;
using Parley.Groups.Membership;
using Parley.Maintenance;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>Changes of memberships that the store, the SignalR service or the program breaks off.</summary>
[Collection(SweepCollection.Name)]
public sealed class BrokenMembershipTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Later = GroupMembership.BrokenAfter + TimeSpan.FromMinutes(10);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // Writes of a change: the account's note, the group, the account again; and one more of everything for a dismissal.
    public static TheoryData<string, int, string> Breaks
    {
        get
        {
            var breaks = new TheoryData<string, int, string>();
            foreach (var change in new[] { "join", "leave", "dismiss" })
            {
                foreach (var writes in new[] { 0, 1, 2, 3, 4 })
                {
                    foreach (var repair in new[] { "connect", "sweep", "repeat" })
                    {
                        // Of a dismissal nobody hears who only looks at the own list; the group's marker is found by the sweep.
                        if (change != "dismiss" || repair != "connect")
                        {
                            breaks.Add(change, writes, repair);
                        }
                    }
                }
            }

            return breaks;
        }
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task What_breaks_off_is_settled_by_whoever_comes_upon_it(string change, int writes, string repair)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        string anna, ben;
        GroupKey key;
        await using (var first = await AppInstance.StartAsync(azurite, signalR.Endpoint, null, ("Storage:RetryMilliseconds", "300")))
        {
            (anna, ben) = (GroupLab.NewName("anna"), GroupLab.NewName("ben"));
            await first.ImportAsync(anna);
            await first.ImportAsync(ben);
            key = change == "join" ? await first.CreateAsync(GroupType.Public, anna) : await first.CreateAsync(GroupType.Public, anna, ben);
            var count = 0;
            first.Storage.Plan = request => request.IsWrite && Interlocked.Increment(ref count) > writes ? Fault.DropBefore : Fault.None;
            await Record.ExceptionAsync(() => RunAsync(first, change, key, ben));
        }

        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint, new FakeTimeProvider(TimeProvider.System.GetUtcNow() + Later));
        switch (repair)
        {
            case "repeat":
                await RunAsync(second, change, key, ben);
                goto default;
            case "sweep":
                await second.Get<Sweep>().RunAsync(Stop);
                break;
            default:
                foreach (var account in new[] { anna, ben })
                {
                    await second.Get<GroupHearing>().ConnectedAsync(second.Key(account), Stop);
                }

                break;
        }

        await second.AssertSettledAsync(key, [anna, ben]);
        if (repair == "repeat")
        {
            Assert.Equal(change == "join" ? [anna, ben] : change == "leave" ? [anna] : Array.Empty<string>(), (await second.MembersAsync(key)).Select(member => member.Account));
        }

        var listed = await Task.WhenAll(new[] { anna, ben }.Select(second.ListedCountAsync));
        var members = await second.Get<GroupStore>().ReadHeadAsync(key, Stop) is null ? 0 : (await second.MembersAsync(key)).Count;
        Assert.Equal(members, listed.Sum());
    }

    [Fact]
    public async Task An_addition_that_meets_a_dismissal_leaves_the_group_in_nobody_s_list()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint, null, ("Storage:RetryMilliseconds", "300"));
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var ben = (await here.ImportAsync(1, "ben"))[0];
        var key = await here.CreateAsync(GroupType.Public, ben);
        var (wasRead, dismissed) = (new TaskCompletionSource(), new TaskCompletionSource());
        there.Storage.Plan = FaultPlans.Script(request => request.Kind is RequestKind.Get or RequestKind.Query, Fault.HoldAnswer(wasRead, dismissed.Task));

        var addition = there.AddAsync(key, ben);
        await wasRead.Task.WaitAsync(Eventually.Deadline, Stop);

        // The head gives way, Ben's list is settled (two writes), and before the rows of the members go it breaks off.
        var writes = 0;
        here.Storage.Plan = request => request.IsWrite && Interlocked.Increment(ref writes) > 3 ? Fault.DropBefore : Fault.None;
        await Record.ExceptionAsync(() => here.Get<GroupDismissal>().DismissAsync(key, static (_, _) => null, by: null, cause: null, Stop));
        Assert.NotNull(await there.Get<GroupStore>().ReadMemberAsync(key, ben, Stop));
        dismissed.SetResult();

        Assert.Equal(10010, (await addition).Error?.Code);
        Assert.Null(await there.Get<MembershipTable>().ReadAsync(there.Key(ben), key.GroupId, Stop));
        Assert.Equal(0, await there.ListedCountAsync(ben));
    }

    [Fact]
    public async Task A_removal_whose_end_was_stored_though_the_answer_was_lost_leaves_an_addition_that_has_begun_alone()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var accounts = await app.ImportAsync(2, "both");
        var (ben, key) = (app.Key(accounts[1]), await app.CreateAsync(GroupType.Public, accounts[0]));
        var (table, settlement) = (app.Get<MembershipTable>(), app.Get<MembershipSettlement>());
        var epoch = (await app.Get<GroupStore>().ReadHeadAsync(key, Stop))!.Epoch;

        var addition = (await table.BeginJoinAsync(ben, key.GroupId, GroupType.Public, epoch, 10, Stop)).Value;
        var removal = (await table.BeginAsync(ben, key.GroupId, Stop))!;
        app.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.DropAfter);
        await settlement.FinishAsync(ben, key, removal, epoch, member: null, notice: null, Stop);
        Assert.Equal(1, app.Storage.FaultCount);

        // Should the addition break off now, it is found.
        Assert.Equal([addition.Attempt], (await table.ReadAsync(ben, key.GroupId, Stop))?.UnderWay);
        var member = new GroupMember { Account = ben.Account, JoinTime = 1 };
        await app.Get<GroupStore>().ApplyAsync(key, group =>
        {
            group.FindMember(ben.Account);
            group.Put(member);
            group.Put(group.Head! with { Members = 2 });
            return true;
        }, Stop);
        await settlement.FinishAsync(ben, key, addition, epoch, member, notice: null, Stop);

        await app.AssertSettledAsync(key, accounts);
    }

    [Fact]
    public async Task Without_the_SignalR_service_one_who_was_kicked_hears_no_more_as_soon_as_it_is_back()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var cut = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var whole = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (anna, ben) = (GroupLab.NewName("anna"), GroupLab.NewName("ben"));
        await whole.ImportAsync(anna);
        await whole.ImportAsync(ben);
        var key = await whole.CreateAsync(GroupType.Public, anna, ben);

        Assert.Equal([ben], (await cut.RemoveAsync(key, ben)).Value);
        Assert.Equal(10007, (await whole.SendAsync(key, ben, 1)).Error?.Code);
        time.Advance(Later);
        await whole.Get<Sweep>().RunAsync(Stop);

        await whole.AssertSettledAsync(key, [anna, ben]);
    }

    [Fact]
    public async Task A_service_that_has_forgotten_its_groups_is_told_again_when_a_device_connects()
    {
        var old = await AppInstance.StartSignalRAsync();
        var port = old.Endpoint.Port;
        await using var app = await AppInstance.StartAsync(azurite, old.Endpoint);
        var anna = GroupLab.NewName("anna");
        await app.ImportAsync(anna);
        var keys = new List<GroupKey>();
        for (var i = 0; i < 3; i++)
        {
            keys.Add(await app.CreateAsync(GroupType.Public, anna));
        }

        await old.DisposeAsync();
        await using var forgetful = await AppInstance.StartSignalRAsync(port);
        await app.Get<GroupHearing>().ConnectedAsync(app.Key(anna), Stop);

        foreach (var key in keys)
        {
            await app.AssertSettledAsync(key, [anna]);
        }
    }

    [Fact]
    public async Task Lost_answers_and_refusals_leave_members_lists_and_what_is_heard_agreeing()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var first = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var anna = GroupLab.NewName("anna");
        await first.ImportAsync(anna);
        var others = await first.ImportAsync(6, "other");
        var key = await first.CreateAsync(GroupType.Public, anna);
        foreach (var app in new[] { first, second })
        {
            app.Storage.Plan = FaultPlans.Random(
                app == first ? 3 : 11, 0.2, [Fault.DropAfter, Fault.DropBefore, Fault.Answer(503), Fault.Answer(412)], request => request.Kind == RequestKind.Batch);
        }

        await Task.WhenAll(others.SelectMany((account, i) => Enumerable.Range(0, 4).Select(async n =>
        {
            var app = (i + n) % 2 == 0 ? first : second;
            if (n % 2 == 0)
            {
                await app.AddAsync(key, account);
            }
            else
            {
                await app.RemoveAsync(key, account);
            }
        })));

        Assert.True(first.Storage.FaultCount + second.Storage.FaultCount > 0);
        first.Storage.Plan = second.Storage.Plan = FaultPlans.None;
        await using var later = await AppInstance.StartAsync(azurite, signalR.Endpoint, new FakeTimeProvider(TimeProvider.System.GetUtcNow() + Later));
        foreach (var account in others)
        {
            await later.Get<GroupHearing>().ConnectedAsync(later.Key(account), Stop);
        }

        await later.AssertSettledAsync(key, [anna, .. others]);
    }

    private static Task RunAsync(AppInstance app, string change, GroupKey key, string account) => change switch
    {
        "join" => app.AddAsync(key, account),
        "leave" => app.RemoveAsync(key, account),
        _ => app.Get<GroupDismissal>().DismissAsync(key, static (_, _) => null, by: null, cause: null, Stop),
    };
}
