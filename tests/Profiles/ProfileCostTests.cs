using System.Text.Json;
using Parley.Profiles;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.Profiles;

/// <summary>What profiles cost, counted from outside: requests to table storage.</summary>
public sealed class ProfileCostTests(AzuriteFixture azurite)
{
    private static readonly (string, JsonElement) Nick = ("Tag_Profile_IM_Nick", JsonElement.Parse("\"Mia\""));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_profiles_are_a_hundred_point_reads()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var names = Enumerable.Range(1, 100).Select(n => $"profile-cost-{n}").ToList();
        await Task.WhenAll(names.Take(50).Select(app.ImportAsync));
        app.Storage.ResetCounts();

        var answer = await app.Get<GetProfiles>().HandleAsync(
            new Caller(app.App, "administrator"), new GetProfilesRequest([.. names, .. names], ["Tag_Profile_IM_Nick", "Tag_Profile_IM_Image"]), Stop);

        Assert.Equal(50 * 2, answer.Value.UserProfileItem.Count(item => item.ResultCode == 0));
        Assert.Equal(100, app.Storage.Count(RequestKind.Get));
        Assert.Equal(100, app.Storage.Requests.Count);
    }

    [Fact]
    public async Task Setting_one_is_one_transaction_and_what_changes_nothing_is_none()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        await app.ImportAsync("profile-cost-mia");
        app.Storage.ResetCounts();
        var (caller, request) = (new Caller(app.App, "profile-cost-mia"), new SetProfileRequest("profile-cost-mia", [Nick]));

        Assert.Null((await app.Get<SetProfile>().HandleAsync(caller, request, Stop)).Error);
        Assert.Equal(1, app.Storage.Count(RequestKind.Batch));
        Assert.Null((await app.Get<SetProfile>().HandleAsync(caller, request, Stop)).Error);

        Assert.Equal(1, app.Storage.Count(RequestKind.Batch));
    }

    [Fact]
    public async Task A_lost_answer_neither_undoes_a_change_nor_tells_it_twice()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        await app.ImportAsync("profile-lost-mia");
        app.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.DropAfter);

        Assert.Null((await app.Get<SetProfile>().HandleAsync(new Caller(app.App, "profile-lost-mia"), new SetProfileRequest("profile-lost-mia", [Nick]), Stop)).Error);

        var events = await app.Get<Parley.Events.EventReader>().ReadAsync(app.Key("profile-lost-mia"), 1, 10, Stop);
        Assert.Equal("""{"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Mia"}]}""", Assert.Single(events).Content.Text);
    }
}
