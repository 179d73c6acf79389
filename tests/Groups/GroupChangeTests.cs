using System.Text.Json;
using Parley.Apps;
using Parley.Groups;
using Parley.Groups.Attributes;
using Parley.Groups.Members;
using Parley.Groups.Profiles;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>Changes of groups when several instances make them, and when the answers of storage are lost.</summary>
public sealed class GroupChangeTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_role_that_another_instance_took_away_gives_no_right_however_well_it_is_remembered()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var accounts = await here.ImportAsync(3, "role");
        var (anna, ben, cleo) = (accounts[0], accounts[1], accounts[2]);
        var key = await here.CreateAsync(GroupType.Public, anna, ben, cleo);
        await ModifyAsync(here, key, "administrator", ben, "\"Role\":\"Admin\"");
        Assert.Null(await ModifyAsync(here, key, ben, cleo, "\"NameCard\":\"one\""));

        Assert.Null(await ModifyAsync(there, key, anna, ben, "\"Role\":\"Member\""));

        // A question refreshes the head here, but not what is remembered of Ben.
        await here.Get<GroupStore>().ApplyAsync(key, group => group.Head, Stop);
        Assert.Equal(10007, (await ModifyAsync(here, key, ben, cleo, "\"NameCard\":\"two\""))?.Code);
        Assert.Equal("one", (await here.Get<GroupStore>().ReadMemberAsync(key, cleo, Stop))!.NameCard);
    }

    [Fact]
    public async Task A_removal_that_began_before_an_addition_leaves_nobody_in_the_list_of_a_group_that_it_is_not_in()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var accounts = await here.ImportAsync(2, "late");
        var key = await here.CreateAsync(GroupType.Public, accounts[0]);
        var (wasRead, added) = (new TaskCompletionSource(), new TaskCompletionSource());
        there.Storage.Plan = FaultPlans.Script(request => request.Kind is RequestKind.Get or RequestKind.Query, Fault.HoldAnswer(wasRead, added.Task));

        var removal = there.RemoveAsync(key, accounts[1]);
        await wasRead.Task.WaitAsync(Eventually.Deadline, Stop);
        await here.AddAsync(key, accounts[1]);
        added.SetResult();
        await removal;

        await here.AssertSettledAsync(key, accounts);
    }

    [Fact]
    public async Task What_is_added_is_added_once_and_an_owner_changes_once_although_answers_are_lost()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var accounts = await app.ImportAsync(2, "lost");
        var key = await app.CreateAsync(GroupType.Public, accounts[0], accounts[1]);
        app.Storage.Plan = FaultPlans.Random(7, 0.4, [Fault.DropAfter], request => request.Kind == RequestKind.Batch);

        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RunAsync<ChangeGroupCounters, UpdateCountersRequest, GroupCountersResponse>(
                app, "administrator", $$"""{"GroupId":"{{key.GroupId}}","GroupCounter":[{"Key":"like","Value":1}],"Mode":"Increase"}""")));
        }

        // Whoever hands the group over has no right to do it again.
        for (var i = 0; i < 10; i++)
        {
            var (from, to) = (accounts[i % 2], accounts[(i + 1) % 2]);
            Assert.Null((await RunAsync<ChangeGroupOwner, ChangeGroupOwnerRequest, Envelope>(
                app, from, $$"""{"GroupId":"{{key.GroupId}}","NewOwner_Account":"{{to}}"}""")).Error);
        }

        Assert.True(app.Storage.FaultCount > 0);
        app.Storage.Plan = FaultPlans.None;
        var counters = await RunAsync<GetGroupCounters, GroupCountersRequest, GroupCountersResponse>(app, "administrator", $$"""{"GroupId":"{{key.GroupId}}"}""");
        Assert.Equal(50, Assert.Single(counters.Value.GroupCounter).Value);
        Assert.Equal(10, (await app.LogAsync(key)).Count);
        await app.AssertSettledAsync(key, accounts);
    }

    private static async Task<ApiError?> ModifyAsync(AppInstance app, GroupKey key, string caller, string account, string change) =>
        (await RunAsync<ModifyGroupMember, ModifyGroupMemberRequest, Envelope>(
            app, caller, $$"""{"GroupId":"{{key.GroupId}}","Member_Account":"{{account}}",{{change}} }""")).Error;

    private static Task<Result<TResponse>> RunAsync<TCommand, TRequest, TResponse>(AppInstance app, string caller, string body)
        where TCommand : ICommand<TRequest, TResponse>
        where TRequest : IRequest<TRequest>
        where TResponse : Envelope
    {
        var fields = new FieldReader(JsonElement.Parse(body));
        var request = TRequest.Read(fields);
        Assert.Null(fields.Error);
        return app.Get<TCommand>().HandleAsync(new Caller(app.App, caller), request, Stop);
    }
}
