using System.Text.Json;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Archives;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Support;
using Parley.Tests.Tasks;
using static Parley.Tests.Archives.ArchiveLab;

namespace Parley.Tests.Archives;

/// <summary>Restores that do not get to their end, and several that are after the same app: no half-restored app is ever open, and none is emptied that is.</summary>
[Collection(SweepCollection.Name)]
public sealed class BrokenRestoreTests(AzuriteFixture azurite)
{
    /// <summary>For longer no instance goes by what it knows of an app.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(31);

    private readonly ShiftedTime _time = new(TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_app_that_is_half_restored_stays_closed_whatever_is_refused_meanwhile_until_a_restore_gets_to_its_end()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await StartAsync(signalR.Endpoint);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var (first, second, third) = (await ExportAsync(instance, source.App), await ExportAsync(instance, source.App), await ExportAsync(instance, source.App));
        await BreakInTheMiddleAsync(instance, source.App, target, first);
        await azurite.SpoilAsync(second, "groups");

        var refused = await TryRestoreAsync(instance, source.App, target, second, force: 1);
        var whileHalf = await CheckAsync(instance, target);
        await RestoreAsync(instance, source.App, target, third, force: 1);

        Assert.Equal(TaskState.Failed, refused.State);
        Assert.Contains("groups-", refused.Error, StringComparison.Ordinal);
        Assert.Equal(60016, whileHalf);
        Assert.Equal(0, await CheckAsync(instance, target));
        Assert.Equal(await RestoredApp.RowsAsync(instance, source.App.SdkAppId), await RestoredApp.RowsAsync(instance, target.SdkAppId));
    }

    [Fact]
    public async Task A_restore_that_stopped_in_the_middle_goes_on_there_after_another_was_refused()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await StartAsync(signalR.Endpoint);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var (first, second) = (await ExportAsync(instance, source.App), await ExportAsync(instance, source.App));
        await BreakInTheMiddleAsync(instance, source.App, target, first);
        await azurite.SpoilAsync(second, "groups");
        await TryRestoreAsync(instance, source.App, target, second, force: 1);

        await RestoreAsync(instance, source.App, target, first);

        Assert.Equal(0, await CheckAsync(instance, target));
        Assert.Equal(await RestoredApp.RowsAsync(instance, source.App.SdkAppId), await RestoredApp.RowsAsync(instance, target.SdkAppId));
    }

    [Fact]
    public async Task An_app_that_was_closed_just_before_a_crash_is_open_again_when_the_export_turns_out_to_be_spoilt()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await StartAsync(signalR.Endpoint);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var export = await ExportAsync(instance, source.App);
        await azurite.SpoilAsync(export, "groups");
        var id = await instance.StartTaskAsync(target, "openconfigsvr", "restore_app", Request(source.App, export));
        var notes = 0;
        instance.Storage.Plan = request => request.IsWrite && request.Target.Contains("/tasks", StringComparison.Ordinal) && Interlocked.Increment(ref notes) > 1 ? Fault.Answer(403) : Fault.None;
        await Assert.ThrowsAnyAsync<Exception>(() => instance.Get<TaskRunner>().RunAsync(target.SdkAppId, id, Stop));
        instance.Storage.Plan = FaultPlans.None;

        var closed = await CheckAsync(instance, target);
        var task = await instance.FinishAsync(target.SdkAppId, id);

        Assert.Equal((60016, TaskState.Failed), (closed, task.State));
        Assert.Equal(0, await CheckAsync(instance, target));
    }

    [Fact]
    public async Task An_app_that_went_on_after_a_refused_restore_is_neither_emptied_without_force_nor_while_it_is_open()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await StartAsync(signalR.Endpoint);
        var source = await SampleApp.CreateAsync(instance);
        var target = new SampleApp(instance, await instance.AddAppAsync());
        var export = await ExportAsync(instance, source.App);
        var (name, bytes) = await azurite.SpoilAsync(export, "groups");
        await TryRestoreAsync(instance, source.App, target.App, export);
        _time.Advance(Freshness);
        await target.OkAsync("im_open_login_svc", "account_import", new { UserID = "since" });
        await azurite.ReplaceAsync(name, _ => bytes);

        Assert.Equal(70402, await instance.CodeAsync(target.App, "openconfigsvr", "restore_app", Body(source.App, export, force: 0)));
        var id = await instance.StartTaskAsync(target.App, "openconfigsvr", "restore_app", Request(source.App, export, force: 1));
        await instance.Get<TaskRunner>().RunAsync(target.App.SdkAppId, id, Stop);
        var closed = await CheckAsync(instance, target.App);
        var rows = await SampleApp.RowsAsync(instance, target.App.SdkAppId);
        await instance.FinishOkAsync(target.App.SdkAppId, id);

        Assert.Equal(60016, closed);
        Assert.Contains(rows, row => row.Row.PartitionKey.EndsWith("|since", StringComparison.Ordinal));
        Assert.Equal(await RestoredApp.RowsAsync(instance, source.App.SdkAppId), await RestoredApp.RowsAsync(instance, target.App.SdkAppId));
    }

    [Fact]
    public async Task While_an_operator_restores_beside_the_deployment_the_command_is_refused_and_one_that_was_overtaken_writes_nothing_more()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await StartAsync(signalR.Endpoint);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var (ours, theirs) = (await ExportAsync(instance, source.App), await ExportAsync(instance, source.App));
        var (archive, beside) = BeginBeside(instance, source.App, target, ours);
        beside = await StepUntilAsync(instance, archive, beside, next => next.Stage == RestoreStage.Write);
        foreach (var export in new[] { ours, theirs })
        {
            Assert.Equal(70402, await instance.CodeAsync(target, "openconfigsvr", "restore_app", Body(source.App, export, force: 1)));
        }

        _time.Advance(TimeSpan.FromMinutes(4));
        await RestoreAsync(instance, source.App, target, theirs, force: 1);
        await Assert.ThrowsAsync<TaskRefusedException>(() => instance.Get<AppRestore>().StepAsync(beside, archive, Stop));

        Assert.Equal(0, await CheckAsync(instance, target));
        Assert.Equal(await RestoredApp.RowsAsync(instance, source.App.SdkAppId), await RestoredApp.RowsAsync(instance, target.SdkAppId));
    }

    [Fact]
    public async Task Rows_that_cannot_be_counted_in_one_step_are_counted_in_several_and_one_too_many_is_found()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await StartAsync(signalR.Endpoint);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var export = await ExportAsync(instance, source.App);
        var (archive, written) = BeginBeside(instance, source.App, target, export);
        written = await StepUntilAsync(instance, archive, written, next => next.Stage == RestoreStage.Count);

        instance.Get<AppContents>().PageRows = 10;
        instance.Storage.Plan = request =>
        {
            _time.Advance(request.Target.Contains("/accounts()", StringComparison.Ordinal) || request.Target.Contains("/groups()", StringComparison.Ordinal) ? AppRestore.StepTime * 1.1 : TimeSpan.Zero);
            return Fault.None;
        };
        var halfway = await instance.Get<AppRestore>().StepAsync(written, archive, Stop);
        var moved = await instance.Get<AppRestore>().StepAsync(halfway with { Continuation = "-1|0|" }, archive, Stop);
        var (steps, counted) = await CountAsync(written);
        await instance.Get<TableStore>().Groups.Shards[0].AddEntityAsync(new TableEntity($"{target.SdkAppId}|zoe's", "x"), Stop);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => CountAsync(written));

        Assert.Equal(RestoreStage.Mend, counted.Stage);
        Assert.True(steps > 3, $"There were {steps} steps.");
        var groups = written.Written[TableNames.Groups];
        Assert.Contains($"holds {groups + 1} rows of the app and should hold {groups}", error.Message, StringComparison.Ordinal);

        // What was counted is forgotten when partitions were moved, and when the restore is given up.
        var stored = new StoredTask(target.SdkAppId, "restore", RestoreTask.Kind) { Progress = JsonSerializer.Serialize(halfway, ParleyJson.Wire.RestoreProgress) };
        var givenUp = await instance.Get<IEnumerable<ITaskKind>>().OfType<RestoreTask>().Single().GiveUpAsync(stored, Stop);
        Assert.NotNull(halfway.Continuation);
        Assert.All(
            [moved, RestoreTask.ProgressOf(stored with { Progress = givenUp })],
            anew => Assert.Equal((RestoreStage.Count, 0, null, null), (anew.Stage, anew.Part, anew.Counted, anew.Continuation)));

        async Task<(int Steps, RestoreProgress After)> CountAsync(RestoreProgress progress)
        {
            var taken = 0;
            while (progress.Stage == RestoreStage.Count)
            {
                // As it is stored.
                progress = JsonSerializer.Deserialize(JsonSerializer.Serialize(progress, ParleyJson.Wire.RestoreProgress), ParleyJson.Wire.RestoreProgress)!;
                progress = await instance.Get<AppRestore>().StepAsync(progress, archive, Stop);
                taken++;
            }

            return (taken, progress);
        }
    }

    // Storage takes what goes into the first transactions, and nothing after it until the restore is given up.
    private static async Task BreakInTheMiddleAsync(AppInstance instance, App source, App target, StoredTask export)
    {
        var transactions = 0;
        instance.Storage.Plan = request => request.Target.Contains("$batch", StringComparison.Ordinal) && Interlocked.Increment(ref transactions) > 3 ? Fault.Answer(500) : Fault.None;
        var broken = await TryRestoreAsync(instance, source, target, export);
        instance.Storage.Plan = FaultPlans.None;
        Assert.Equal((TaskState.Failed, (long)RestoreStage.Write), (broken.State, broken.Counts["Stage"]));
        Assert.NotEmpty(await RestoredApp.RowsAsync(instance, target.SdkAppId));
    }

    private static async Task<StoredTask> TryRestoreAsync(AppInstance instance, App source, App target, StoredTask export, int force = 0) =>
        await instance.FinishAsync(target.SdkAppId, await instance.StartTaskAsync(target, "openconfigsvr", "restore_app", Request(source, export, force)));

    /// <summary>What a call of the app is answered once every instance knows how the app stands.</summary>
    private async Task<int> CheckAsync(AppInstance instance, App app)
    {
        _time.Advance(Freshness);
        return await instance.CodeAsync(app, "im_open_login_svc", "account_check", """{"CheckItem":[{"UserID":"mia"}]}""");
    }

    private Task<AppInstance> StartAsync(Uri signalR) => AppInstance.StartAsync(azurite, signalR, _time, ("Storage:RetryMilliseconds", "0"));
}
