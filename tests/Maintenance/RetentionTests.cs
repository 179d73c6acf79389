using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;
using Parley.Activities;
using Parley.Apps;
using Parley.Delivery;
using Parley.History;
using Parley.Maintenance;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Archives;
using Parley.Tests.Support;
using Parley.Tests.Tasks;

namespace Parley.Tests.Maintenance;

/// <summary>What is past its time goes, and nothing else.</summary>
public sealed class RetentionTests(RetentionTests.OwnStore store) : IClassFixture<RetentionTests.OwnStore>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Exports_dead_letters_tasks_and_history_go_when_their_time_is_over_and_not_before()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(
            store.Azurite, signalR.Endpoint, time, ("Retention:ExportDays", "20"), ("Retention:DeadLetterDays", "12"), ("Retention:TaskDays", "40"));
        var app = new SampleApp(instance, await instance.AddAppAsync());
        await instance.Get<AppDirectory>().ChangeAsync(app.App.SdkAppId, settings => settings with { KeepsHistoryFiles = true, RoamingDays = 365 }, Stop);
        await app.OkAsync("im_open_login_svc", "multiaccount_import", new { Accounts = new[] { "mia", "jonas" } });
        await app.SayAsync("mia", "jonas", "one");
        await instance.FinishOkAsync(app.App.SdkAppId, await instance.StartTaskAsync(app.App, "openconfigsvr", "export_app", new { }));
        await instance.Get<DeadLetterTable>().AddAsync("deliver", app.App.SdkAppId, "{}", 5, "gave up", Stop);
        var unfinished = await instance.Get<TaskTable>().StartAsync(new StoredTask(app.App.SdkAppId, "unfinished", "none"), Stop);
        time.Advance(TimeSpan.FromHours(2));
        await instance.Get<HistorySweep>().RunAsync(Stop);
        var hour = (await instance.Get<ActiveHours>().ListAsync(Stop)).Single();
        await instance.FinishOkAsync(app.App.SdkAppId, $"history-C2C-{hour.Hour}");

        Assert.Equal((true, true, true, true, true), await StandingAsync());
        await SweepAsync(time, days: 7);
        Assert.Equal((true, true, true, true, true), await StandingAsync());
        await SweepAsync(time, days: 2);
        Assert.Equal((true, false, false, true, true), await StandingAsync());
        await SweepAsync(time, days: 4);
        Assert.Equal((true, false, false, false, true), await StandingAsync());
        await SweepAsync(time, days: 8);
        Assert.Equal((false, false, false, false, true), await StandingAsync());
        await SweepAsync(time, days: 20);
        Assert.Equal((false, false, false, false, false), await StandingAsync());
        Assert.NotNull(await instance.Get<TaskTable>().ReadAsync(app.App.SdkAppId, unfinished.Id, Stop));
        Assert.Equal(1, (await app.OkAsync("openim", "get_c2c_unread_msg_num", new { To_Account = "jonas", Peer_Account = new[] { "mia" } })).GetProperty("C2CUnreadMsgNumList")[0].GetProperty("C2CUnreadMsgNum").GetInt32());

        async Task<(bool Exports, bool HistoryFiles, bool HistoryRows, bool Letters, bool Tasks)> StandingAsync()
        {
            var (blobs, tables) = (instance.Get<BlobStore>(), instance.Get<TableStore>());
            return (
                await blobs.ListAsync(TableNames.ExportContainer, "", Stop).AnyAsync(Stop),
                await blobs.ListAsync(TableNames.HistoryContainer, "", Stop).AnyAsync(Stop),
                await tables.History.QueryAsync<TableEntity>().AnyAsync(Stop),
                await tables.DeadLetters.QueryAsync<TableEntity>().AnyAsync(Stop),
                (await instance.Get<TaskTable>().ListAsync(app.App.SdkAppId, Stop)).Any(task => task.State == TaskState.Done));
        }

        Task SweepAsync(FakeTimeProvider clock, int days)
        {
            clock.Advance(TimeSpan.FromDays(days));
            return instance.Get<RetentionSweep>().RunAsync(Stop);
        }
    }

    [Fact]
    public async Task History_of_an_app_that_is_being_restored_stays_until_that_is_over()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddYears(2));
        await using var instance = await AppInstance.StartAsync(store.Azurite, new Uri("http://127.0.0.1:1"), time);
        var app = await instance.AddAppAsync(settings => settings with { IsRestoring = true });
        var hour = new ActiveHour(app.SdkAppId, ChatType.C2C, ChatHour.Of(time.GetUtcNow().AddDays(-30).ToUnixTimeSeconds()));
        await instance.Get<HistoryFileTable>().PutAsync(hour, [], Stop);

        await instance.Get<RetentionSweep>().RunAsync(Stop);
        Assert.NotNull(await instance.Get<HistoryFileTable>().FindAsync(hour, Stop));
        await instance.Get<AppDirectory>().ChangeAsync(app.SdkAppId, settings => settings with { IsRestoring = false }, Stop);
        time.Advance(TimeSpan.FromHours(1));
        await instance.Get<RetentionSweep>().RunAsync(Stop);

        Assert.Null(await instance.Get<HistoryFileTable>().FindAsync(hour, Stop));
    }

    [Fact]
    public async Task It_looks_once_an_hour_however_often_the_timer_runs()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddYears(1));
        await using var instance = await AppInstance.StartAsync(store.Azurite, new Uri("http://127.0.0.1:1"), time);
        await instance.Get<RetentionSweep>().RunAsync(Stop);
        instance.Storage.ResetCounts();

        await instance.Get<RetentionSweep>().RunAsync(Stop);
        Assert.Single(instance.Storage.Requests);
        time.Advance(TimeSpan.FromHours(1));
        await instance.Get<RetentionSweep>().RunAsync(Stop);
        Assert.True(instance.Storage.Requests.Count > 3);
    }

    public sealed class OwnStore : IAsyncDisposable
    {
        public AzuriteFixture Azurite { get; } = new();

        public ValueTask DisposeAsync() => Azurite.DisposeAsync();
    }
}
