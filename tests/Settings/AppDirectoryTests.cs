using System.Text.Json;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.Settings;

/// <summary>When a change of an app's settings is seen, here and elsewhere.</summary>
public sealed class AppDirectoryTests(AzuriteFixture azurite)
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_change_is_seen_at_once_here_and_after_half_a_minute_elsewhere()
    {
        await using var here = await StartAsync();
        await using var elsewhere = await StartAsync();
        var id = await AddAsync(here);
        Assert.Equal((7, 7), (await DaysAsync(here, id), await DaysAsync(elsewhere, id)));

        await ChangeAsync(here, id, 30);
        Assert.Equal((30, 7), (await DaysAsync(here, id), await DaysAsync(elsewhere, id)));

        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal((30, 30), (await DaysAsync(here, id), await DaysAsync(elsewhere, id)));
    }

    [Fact]
    public async Task A_read_that_began_before_a_change_does_not_hide_it()
    {
        await using var app = await StartAsync();
        var id = await AddAsync(app);
        await DaysAsync(app, id);
        _time.Advance(TimeSpan.FromSeconds(31));
        var (wasRead, changed) = (new TaskCompletionSource(), new TaskCompletionSource());
        app.Storage.Plan = FaultPlans.Script(request => request.Method == "GET", Fault.HoldAnswer(wasRead, changed.Task));

        var late = DaysAsync(app, id);
        await wasRead.Task.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        await ChangeAsync(app, id, 30);
        changed.SetResult();
        await late;

        Assert.Equal(30, await DaysAsync(app, id));
    }

    [Fact]
    public async Task Changes_of_several_instances_at_once_all_count()
    {
        var instances = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync()));
        var id = await AddAsync(instances[0]);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(n => instances[n % 4].Get<AppDirectory>().ChangeAsync(
            id, app => app with { Admins = [.. app.Admins, $"admin-{n}"] }, TestContext.Current.CancellationToken)));

        var stored = await instances[0].Get<AppTable>().FindAsync(id, TestContext.Current.CancellationToken);
        Assert.Equal((16, 16L), (stored!.Admins.Distinct().Count(), stored.Version));
        foreach (var instance in instances)
        {
            await instance.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_whose_answer_is_lost_is_made(bool isCarriedOut)
    {
        await using var app = await StartAsync();
        var id = await AddAsync(app);
        app.Storage.Plan = FaultPlans.Script(request => request.Method is "PUT" or "MERGE" or "PATCH", isCarriedOut ? Fault.DropAfter : Fault.DropBefore);

        await ChangeAsync(app, id, 30);

        Assert.Equal(1, app.Storage.FaultCount);
        Assert.Equal(30, (await app.Get<AppTable>().FindAsync(id, TestContext.Current.CancellationToken))!.RoamingDays);
    }

    [Fact]
    public void What_a_stored_app_lacks_because_it_is_older_has_its_default()
    {
        var row = new TableEntity("15", "app") { ["Settings"] = """{"SdkAppId":15,"Secrets":["a secret"],"Admins":["administrator"],"MaxFriends":12}""" };

        var app = AppTable.FromRow(row);

        var expected = new App { SdkAppId = 15, Secrets = ["a secret"], Admins = ["administrator"], MaxFriends = 12 };
        Assert.Equal(JsonSerializer.Serialize(expected, ParleyJson.Wire.App), JsonSerializer.Serialize(app, ParleyJson.Wire.App));
    }

    private Task<AppInstance> StartAsync() => AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), _time);

    private static async Task<uint> AddAsync(AppInstance instance)
    {
        var id = AppIds.Next();
        await instance.Get<AppTable>().TryAddAsync(new App { SdkAppId = id, Secrets = ["secret"], Admins = [] }, TestContext.Current.CancellationToken);
        return id;
    }

    private static async Task<int> DaysAsync(AppInstance instance, uint id) =>
        (await instance.Get<AppDirectory>().FindAsync(id, TestContext.Current.CancellationToken))!.RoamingDays;

    private static Task<App?> ChangeAsync(AppInstance instance, uint id, int days) =>
        instance.Get<AppDirectory>().ChangeAsync(id, app => app with { RoamingDays = days }, TestContext.Current.CancellationToken);
}
