using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Parley.Groups;
using Parley.Groups.Lifecycle;
using Parley.Groups.Members;
using Parley.Groups.Profiles;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>What lists of groups and of members cost, counted from outside, and what they repair.</summary>
public sealed class GroupReadCostTests(AzuriteFixture azurite)
{
    private static int _names;

    [Fact]
    public async Task A_page_of_100_of_10000_members_reads_nothing_of_the_rest()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var group = await CreateAsync(app, null);
        await AddRowsAsync(app, group, 10_000);
        app.Storage.ResetCounts();

        var first = await MembersAsync(app, $$"""{"GroupId":"{{group}}","Limit":100}""");
        var requests = app.Storage.Requests.Count;
        var second = await MembersAsync(app, $$"""{"GroupId":"{{group}}","Limit":100,"Next":"{{first.Next}}"}""");

        Assert.Equal((2, 4), (requests, app.Storage.Requests.Count));
        Assert.Equal((100, 100), (first.MemberList.Count, second.MemberList.Count));
        Assert.Equal((10_000, 10_000), (first.MemberNum, second.MemberNum));
        Assert.Empty(first.MemberList.Intersect(second.MemberList));
    }

    [Fact]
    public async Task The_list_of_an_accounts_groups_is_one_query_and_groups_are_read_for_the_page_only()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var ben = $"joined-{Interlocked.Increment(ref _names)}";
        await app.ImportAsync(ben);
        for (var i = 0; i < 20; i++)
        {
            await CreateAsync(app, ben);
        }

        app.Storage.ResetCounts();
        var plain = await JoinedAsync(app, $$"""{"Member_Account":"{{ben}}"}""");
        var cost = app.Storage.Requests.Count;
        app.Storage.ResetCounts();
        var page = await JoinedAsync(app, $$$"""{"Member_Account":"{{{ben}}}","Limit":3,"ResponseFilter":{"GroupBaseInfoFilter":["Name"],"SelfInfoFilter":["Role"]}}""");

        Assert.Equal((20, 20, 1), (plain.TotalCount, plain.GroupIdList.Count, cost));
        Assert.Equal((20, 3, 7), (page.TotalCount, page.GroupIdList.Count, app.Storage.Requests.Count));
    }

    [Fact]
    public async Task What_a_broken_creation_left_in_the_list_is_taken_off_after_a_minute()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var id = (uint)Random.Shared.Next(1_700_000_000, 1_800_000_000);
        var caller = new Caller(app.App with { SdkAppId = id, MaxNewGroupsADay = 10 }, "administrator");
        var there = (await RunAsync<CreateGroup, CreateGroupRequest, CreateGroupResponse>(app, caller, """{"Type":"Public","Name":"There"}""")).GroupId;
        await app.Get<AppGroups>().ReserveAsync(caller.App, "never", Apps.GroupType.Public, CancellationToken.None);

        var before = await ListAsync();
        time.Advance(TimeSpan.FromSeconds(90));
        var after = await ListAsync();

        Assert.Equal((there, 2L), (Assert.Single(before.GroupIdList).Text[12..^2], before.TotalCount));
        Assert.Equal((there, 1L), (Assert.Single(after.GroupIdList).Text[12..^2], after.TotalCount));

        Task<ListGroupsResponse> ListAsync() => RunAsync<ListGroups, ListGroupsRequest, ListGroupsResponse>(app, caller, "{}");
    }

    private static Task<ListGroupMembersResponse> MembersAsync(AppInstance app, string body) =>
        RunAsync<ListGroupMembers, ListGroupMembersRequest, ListGroupMembersResponse>(app, Admin(app), body);

    private static Task<ListJoinedGroupsResponse> JoinedAsync(AppInstance app, string body) =>
        RunAsync<ListJoinedGroups, ListJoinedGroupsRequest, ListJoinedGroupsResponse>(app, Admin(app), body);

    private static async Task<string> CreateAsync(AppInstance app, string? owner)
    {
        var body = owner is null ? """{"Type":"Community","Name":"Many"}""" : $$"""{"Type":"Public","Name":"Many","Owner_Account":"{{owner}}"}""";
        return (await RunAsync<CreateGroup, CreateGroupRequest, CreateGroupResponse>(app, Admin(app), body)).GroupId;
    }

    private static async Task<TResponse> RunAsync<TCommand, TRequest, TResponse>(AppInstance app, Caller caller, string body)
        where TCommand : ICommand<TRequest, TResponse>
        where TRequest : IRequest<TRequest>
        where TResponse : Envelope
    {
        var fields = new FieldReader(JsonElement.Parse(body));
        var request = TRequest.Read(fields);
        Assert.Null(fields.Error);
        return (await app.Get<TCommand>().HandleAsync(caller, request, CancellationToken.None)).Value;
    }

    private static Caller Admin(AppInstance app) => new(app.App, "administrator");

    // Rows as joining writes them, without as many accounts.
    private static async Task AddRowsAsync(AppInstance app, string group, int count)
    {
        var key = new GroupKey(app.App.SdkAppId, group);
        foreach (var batch in Enumerable.Range(0, count).Chunk(90))
        {
            await app.Get<GroupStore>().ApplyAsync(key, partition =>
            {
                foreach (var i in batch)
                {
                    partition.Rows.Insert(new GroupMember { Account = $"m{i:D5}", JoinTime = 1 }.ToRow());
                }

                partition.Put(partition.Head! with { Members = batch[^1] + 1 });
                return true;
            }, CancellationToken.None);
        }
    }
}
