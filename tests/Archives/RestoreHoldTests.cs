using Parley.Apps;
using Parley.Archives;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Support;
using static Parley.Tests.Archives.ArchiveLab;

namespace Parley.Tests.Archives;

/// <summary>Restores whose steps outlast the time for which they have the app to themselves.</summary>
[Collection(SweepCollection.Name)]
public sealed class RestoreHoldTests(AzuriteFixture azurite)
{
    private const int Accounts = 100;

    /// <summary>As many transactions as are under way at once.</summary>
    private const int AtOnce = 8;

    /// <summary>For so long nobody else may take the app of a restore of which nothing is heard.</summary>
    private static readonly TimeSpan HoldTime = TimeSpan.FromMinutes(3);

    private readonly ShiftedTime _time = new(TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_that_lasts_longer_than_the_hold_keeps_the_app_all_the_while()
    {
        await using var instance = await StartAsync();
        var (source, target) = (await AddFilledAsync(instance, Accounts), await instance.AddAppAsync());
        var (archive, progress) = await BeginAsync(instance, source, target);
        var parts = (await instance.Get<AppRestore>().ReadManifestAsync(archive, progress.Parameters.Checksum, Stop)).Parts;
        progress = await StepUntilAsync(instance, archive, progress, next => next.Stage == RestoreStage.Write && parts[next.Part].Table == TableNames.Accounts);
        var clock = new PacedClock(_time, TimeSpan.FromSeconds(70));
        instance.Storage.Plan = clock.Plan;

        progress = await instance.Get<AppRestore>().StepAsync(progress, archive, Stop);
        instance.Storage.Plan = FaultPlans.None;

        Assert.True(clock.Passed > HoldTime, $"The step lasted {clock.Passed}.");
        Assert.True(await instance.Get<AppClosure>().IsHeldByAnotherAsync(target.SdkAppId, "another", Stop));
        await StepUntilAsync(instance, archive, progress, next => next.Stage == RestoreStage.Done);
        Assert.Equal(await RestoredApp.RowsAsync(instance, source.SdkAppId), await RestoredApp.RowsAsync(instance, target.SdkAppId));
    }

    [Theory]
    [InlineData(RestoreStage.Empty)]
    [InlineData(RestoreStage.Write)]
    public async Task A_step_that_has_lost_the_app_to_another_restore_changes_nothing_more(RestoreStage stage)
    {
        await using var instance = await StartAsync();
        var (source, target) = (await AddFilledAsync(instance, Accounts), await AddFilledAsync(instance, Accounts));
        var (archive, ours) = await BeginAsync(instance, source, target);
        ours = await StepUntilAsync(instance, archive, ours, next => next.Stage == stage);
        _time.Advance(TimeSpan.FromSeconds(1));
        var (_, theirs) = await BeginAsync(instance, source, target);
        var (allCome, until, transactions) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        instance.Storage.Plan = request =>
        {
            if (request.Kind != RequestKind.Batch)
            {
                return Fault.None;
            }

            if (Interlocked.Increment(ref transactions) == AtOnce)
            {
                allCome.SetResult();
            }

            return Fault.HoldRequest(new TaskCompletionSource(), until.Task);
        };

        var slow = StepUntilAsync(instance, archive, ours, next => next.Stage > stage);
        await allCome.Task.WaitAsync(TimeSpan.FromSeconds(60), Stop);
        _time.Advance(HoldTime + TimeSpan.FromSeconds(1));
        theirs = await instance.Get<AppRestore>().StepAsync(theirs, archive, Stop);
        until.SetResult();
        var refused = await Assert.ThrowsAsync<TaskRefusedException>(() => slow);
        instance.Storage.Plan = FaultPlans.None;

        Assert.Contains("was taken by another restore in the middle of a step", refused.Message, StringComparison.Ordinal);
        Assert.Equal(AtOnce, transactions);
        await StepUntilAsync(instance, archive, theirs, next => next.Stage == RestoreStage.Done);
        Assert.Equal(await RestoredApp.RowsAsync(instance, source.SdkAppId), await RestoredApp.RowsAsync(instance, target.SdkAppId));
    }

    [Fact]
    public async Task A_restore_that_is_overtaken_just_before_it_opens_the_app_fails_for_what_is_there_is_of_another()
    {
        await using var instance = await StartAsync();
        var (source, target) = (await AddFilledAsync(instance, 1), await instance.AddAppAsync());
        var (archive, ours) = await BeginAsync(instance, source, target);
        ours = await StepUntilAsync(instance, archive, ours, next => next.Stage == RestoreStage.Open);
        _time.Advance(HoldTime + TimeSpan.FromSeconds(1));
        var (other, theirs) = await BeginAsync(instance, await AddFilledAsync(instance, 2), target);
        await StepUntilAsync(instance, other, theirs, next => next.Stage == RestoreStage.Done);
        var before = await instance.Get<AppTable>().FindAsync(target.SdkAppId, Stop);

        await Assert.ThrowsAsync<TaskRefusedException>(() => instance.Get<AppRestore>().StepAsync(ours, archive, Stop));
        var isOfUse = await instance.Get<AppRestore>().GiveUpAsync(ours, Stop);

        Assert.False(isOfUse);
        var after = await instance.Get<AppTable>().FindAsync(target.SdkAppId, Stop);
        Assert.Equal((before!.Version, theirs.Id, false), (after!.Version, after.LastRestore, after.IsRestoring));
    }

    [Fact]
    public async Task A_restore_that_opened_the_app_and_could_not_note_it_is_done_when_it_does_so_again_even_when_the_next_one_has_begun()
    {
        await using var instance = await StartAsync();
        var (source, target) = (await AddFilledAsync(instance, 1), await instance.AddAppAsync());
        var (archive, ours) = await BeginAsync(instance, source, target);
        ours = await StepUntilAsync(instance, archive, ours, next => next.Stage == RestoreStage.Open);
        await instance.Get<AppRestore>().StepAsync(ours, archive, Stop);
        var opened = await instance.Get<AppTable>().FindAsync(target.SdkAppId, Stop);

        var repeated = await instance.Get<AppRestore>().StepAsync(ours, archive, Stop);
        var still = await instance.Get<AppTable>().FindAsync(target.SdkAppId, Stop);
        _time.Advance(TimeSpan.FromSeconds(1));
        var (_, theirs) = await BeginAsync(instance, source, target);
        await instance.Get<AppRestore>().StepAsync(theirs, archive, Stop);
        var later = await instance.Get<AppRestore>().StepAsync(ours, archive, Stop);

        Assert.Equal((RestoreStage.Done, RestoreStage.Done), (repeated.Stage, later.Stage));
        Assert.Equal((opened!.Version, false), (still!.Version, still.IsRestoring));
        Assert.Equal(theirs.Id, (await instance.Get<AppTable>().FindAsync(target.SdkAppId, Stop))!.Restore!.Id);
    }

    private static async Task<App> AddFilledAsync(AppInstance instance, int accounts)
    {
        var app = new SampleApp(instance, await instance.AddAppAsync());
        await app.OkAsync("im_open_login_svc", "multiaccount_import", new { Accounts = Enumerable.Range(0, accounts).Select(number => $"account{number}") });
        return app.App;
    }

    /// <summary>The export of an app, made if there is none, and a restore of it beside the deployment.</summary>
    private static async Task<(BlobArchive Archive, RestoreProgress Progress)> BeginAsync(AppInstance instance, App source, App target)
    {
        var export = await instance.Get<TaskTable>().ListAsync(source.SdkAppId, Stop) is [var made, ..] ? made : await ExportAsync(instance, source);
        return BeginBeside(instance, source, target, export);
    }

    private Task<AppInstance> StartAsync() => AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), _time, ("Storage:RetryMilliseconds", "0"));

    /// <summary>Puts the clock forward at a transaction, once after each time that the app's settings were written: so much passes between two renewals, however many there are.</summary>
    private sealed class PacedClock(ShiftedTime time, TimeSpan pace)
    {
        private readonly Lock _gate = new();
        private bool _isRenewed;
        private int _steps;

        public TimeSpan Passed => _steps * pace;

        public Fault Plan(ProxiedRequest request)
        {
            lock (_gate)
            {
                if (request.Kind == RequestKind.Update && request.Target.Contains("/apps", StringComparison.Ordinal))
                {
                    _isRenewed = true;
                }
                else if (request.Kind == RequestKind.Batch && _isRenewed)
                {
                    _isRenewed = false;
                    _steps++;
                    time.Advance(pace);
                }

                return Fault.None;
            }
        }
    }
}
