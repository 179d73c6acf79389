using System.Text.Json;
using Azure.Data.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Delivery;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Support;

namespace Parley.Tests.Tasks;

/// <summary>Work that takes longer than a call: one step after the other, whatever breaks off.</summary>
[Collection(SweepCollection.Name)]
public sealed class TaskTests(AzuriteFixture azurite)
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Steps_follow_one_another_and_a_failed_one_is_tried_again_from_where_it_began()
    {
        await using var app = await StartAsync();
        var kind = new Scripted(step => step switch { 2 => throw new InvalidOperationException("not today"), _ => Task.CompletedTask });
        var task = await NewTaskAsync(app);
        var runner = RunnerOf(app, kind);

        var after = await runner.RunAsync(task.SdkAppId, task.Id, Stop);
        Assert.Equal((TaskState.Running, "1", 1, "not today"), (after!.State, after.Progress, after.Failures, after.Error));
        Assert.Equal(after.HeldUntil, (await runner.RunAsync(task.SdkAppId, task.Id, Stop))!.HeldUntil);
        _time.Advance(TimeSpan.FromSeconds(10));
        kind.Then(_ => Task.CompletedTask);
        after = await runner.RunAsync(task.SdkAppId, task.Id, Stop);

        Assert.Equal((TaskState.Done, "5", 0, ""), (after!.State, after.Progress, after.Failures, after.Error));
        Assert.Equal(["", "1", "1", "2", "3", "4"], kind.Begun);
    }

    [Fact]
    public async Task A_task_that_always_fails_is_given_up_and_noted_and_goes_on_where_it_stopped_when_asked_for_again()
    {
        await using var app = await StartAsync();
        var kind = new Scripted(step => step == 3 ? throw new InvalidOperationException("never") : Task.CompletedTask);
        var task = await NewTaskAsync(app);
        var runner = RunnerOf(app, kind);

        var after = await RunToEndAsync(runner, task);

        Assert.Equal((TaskState.Failed, "2", TaskRunner.MostFailures, "never"), (after.State, after.Progress, after.Failures, after.Error));
        var letters = await app.Get<TableStore>().DeadLetters.QueryAsync<TableEntity>(cancellationToken: Stop).ToListAsync(Stop);
        Assert.Single(letters, letter => DeadLetterTable.PayloadOf(letter)?.Contains(task.Id, StringComparison.Ordinal) is true && letter.GetString("Reason") == "never");
        kind.Then(_ => Task.CompletedTask);
        var again = await app.Get<TaskTable>().StartAsync(task, Stop);
        Assert.Equal("2", again.Progress);
        Assert.Equal(TaskState.Done, (await RunToEndAsync(runner, task)).State);
    }

    [Fact]
    public async Task What_the_timer_asks_for_in_vain_is_left_alone_for_a_while_and_begun_at_once_when_somebody_else_asks()
    {
        await using var app = await StartAsync();
        var (tasks, kind) = (app.Get<TaskTable>(), new Scripted(_ => throw new InvalidOperationException("never")));
        var (runner, wanted) = (RunnerOf(app, kind), new StoredTask(AppIds.Next(), TaskTable.NewId(), "scripted"));
        var task = await tasks.StartByTimerAsync(wanted, Stop);
        await RunToEndAsync(runner, task);

        var left = await tasks.StartByTimerAsync(wanted, Stop);
        _time.Advance(left.HeldUntil - _time.GetUtcNow());
        await tasks.StartByTimerAsync(wanted, Stop);
        var second = await RunToEndAsync(runner, task);
        var asked = await tasks.StartAsync(wanted, Stop);

        Assert.Equal((TaskState.Failed, 1), (left.State, left.GivenUp));
        Assert.Equal((TaskState.Failed, 2), (second.State, second.GivenUp));
        Assert.Equal((TaskState.Running, 0), (asked.State, asked.GivenUp));
    }

    [Fact]
    public async Task A_task_that_is_given_up_lets_go_of_what_it_held_and_begins_anew_as_it_is_asked_for_then_if_nothing_of_it_is_left()
    {
        await using var app = await StartAsync();
        var kind = new Scripted(step => step == 3 ? throw new TaskRefusedException("not so") : Task.CompletedTask) { LetsGo = _ => "" };
        var task = await NewTaskAsync(app);

        var after = await RunnerOf(app, kind).RunAsync(task.SdkAppId, task.Id, Stop);
        var again = await app.Get<TaskTable>().StartAsync(task with { Parameters = "otherwise" }, Stop);

        Assert.Equal((TaskState.Failed, "", "not so"), (after!.State, after.Progress, after.Error));
        Assert.Equal((TaskState.Running, "", "otherwise"), (again.State, again.Progress, again.Parameters));
    }

    [Fact]
    public async Task A_task_is_given_up_also_when_it_cannot_let_go()
    {
        await using var app = await StartAsync();
        var kind = new Scripted(_ => throw new TaskRefusedException("not so")) { LetsGo = _ => throw new IOException("storage is away") };
        var task = await NewTaskAsync(app);

        var after = await RunnerOf(app, kind).RunAsync(task.SdkAppId, task.Id, Stop);

        Assert.Equal((TaskState.Failed, "not so"), (after!.State, after.Error));
    }

    [Fact]
    public async Task What_cannot_be_done_is_not_tried_again()
    {
        await using var app = await StartAsync();
        var kind = new Scripted(_ => throw new TaskRefusedException("it is not possible"));
        var task = await NewTaskAsync(app);

        var after = await RunnerOf(app, kind).RunAsync(task.SdkAppId, task.Id, Stop);

        Assert.Equal((TaskState.Failed, "it is not possible"), (after!.State, after.Error));
        Assert.Single(kind.Begun);
    }

    [Fact]
    public async Task Of_two_that_work_at_a_task_one_waits_and_takes_over_when_the_other_has_died()
    {
        await using var app = await StartAsync();
        var task = await NewTaskAsync(app);
        using var dying = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var (started, never) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = new Scripted(step => step == 2 ? WaitAsync() : Task.CompletedTask);
        var second = new Scripted(_ => Task.CompletedTask);
        var dead = RunnerOf(app, first).RunAsync(task.SdkAppId, task.Id, dying.Token);
        await started.Task.WaitAsync(Eventually.Deadline, Stop);

        var held = await RunnerOf(app, second).RunAsync(task.SdkAppId, task.Id, Stop);
        Assert.Equal((TaskState.Running, "1"), (held!.State, held.Progress));
        Assert.Empty(second.Begun);
        _time.Advance(TaskRunner.Hold + TimeSpan.FromSeconds(1));
        var after = await RunnerOf(app, second).RunAsync(task.SdkAppId, task.Id, Stop);

        Assert.Equal((TaskState.Done, "1"), (after!.State, second.Begun[0]));
        never.SetResult();
        await dead;
        Assert.Equal(TaskState.Done, (await app.Get<TaskTable>().ReadAsync(task.SdkAppId, task.Id, Stop))!.State);

        async Task WaitAsync()
        {
            started.SetResult();
            await never.Task;
        }
    }

    [Fact]
    public async Task While_an_export_is_restored_into_its_app_a_task_waits()
    {
        await using var app = await StartAsync();
        var closed = await app.AddAppAsync(settings => settings with { IsRestoring = true });
        var kind = new Scripted(_ => Task.CompletedTask);
        var task = await app.Get<TaskTable>().StartAsync(new StoredTask(closed.SdkAppId, TaskTable.NewId(), "scripted"), Stop);

        var waiting = await RunnerOf(app, kind).RunAsync(task.SdkAppId, task.Id, Stop);
        Assert.Equal((TaskState.Running, "", 0), (waiting!.State, waiting.Progress, waiting.Failures));
        Assert.True(waiting.HeldUntil > _time.GetUtcNow());
        Assert.Empty(kind.Begun);
        await app.Get<AppTable>().ChangeAsync(closed.SdkAppId, settings => settings with { IsRestoring = false }, Stop);
        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(TaskState.Done, (await RunnerOf(app, kind).RunAsync(task.SdkAppId, task.Id, Stop))!.State);
    }

    [Fact]
    public async Task The_timer_finds_a_task_whose_job_was_lost()
    {
        await using var app = await StartAsync();
        var queue = new RecordedQueue();
        var tasks = new TaskTable(app.Get<TableStore>(), queue, _time, NullLogger<TaskTable>.Instance);
        queue.IsAway = true;
        var task = await tasks.StartAsync(new StoredTask(AppIds.Next(), TaskTable.NewId(), "scripted"), Stop);
        queue.IsAway = false;

        await new TaskRevival(tasks, _time).RunAsync(Stop);
        Assert.DoesNotContain(queue.Jobs, job => job.Contains(task.Id, StringComparison.Ordinal));
        _time.Advance(TimeSpan.FromMinutes(6));
        await new TaskRevival(tasks, _time).RunAsync(Stop);

        Assert.Single(queue.Jobs, job => job.Contains(task.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_administrator_sees_the_tasks_of_the_own_app_only()
    {
        await using var app = await StartAsync();
        var (own, other) = (await app.AddAppAsync(), await app.AddAppAsync());
        var task = await app.Get<TaskTable>().StartAsync(new StoredTask(own.SdkAppId, TaskTable.NewId(), "scripted") { CreatedBy = "administrator" }, Stop);

        var shown = await app.GetTaskAsync(own, task.Id);
        Assert.Equal(("scripted", "Running", "administrator"), Text(shown.GetProperty("Task")));
        Assert.Equal(70402, (await app.GetTaskAsync(other, task.Id)).GetProperty("ErrorCode").GetInt32());
        Assert.Equal(70402, await app.CodeAsync(own, "openconfigsvr", "get_task", "{}"));
        Assert.Equal(70402, await app.CodeAsync(own, "openconfigsvr", "get_task", """{"TaskId":"a/b"}"""));
        Assert.Equal(60010, await app.CodeAsync(own, "openconfigsvr", "get_task", "{}", "mia"));
        Assert.Equal([task.Id], (await app.CallAsync(own, "openconfigsvr", "list_tasks", "{}")).GetProperty("Tasks").EnumerateArray().Select(one => one.GetProperty("TaskId").GetString()));
        Assert.Empty((await app.CallAsync(other, "openconfigsvr", "list_tasks", "{}")).GetProperty("Tasks").EnumerateArray());
    }

    [Fact]
    public async Task The_function_answers_the_host_well_even_for_a_task_that_is_gone_and_asks_again_only_while_storage_is_away()
    {
        await using var app = await StartAsync();

        Assert.Equal(200, await CallFunctionAsync(app, """{"SdkAppId":1,"Task":"none"}"""));
        app.Storage.Plan = _ => Fault.Answer(503);
        Assert.Equal(500, await CallFunctionAsync(app, """{"SdkAppId":1,"Task":"none"}"""));
    }

    private static (string?, string?, string?) Text(JsonElement task) =>
        (task.GetProperty("Kind").GetString(), task.GetProperty("State").GetString(), task.GetProperty("CreatedBy").GetString());

    private static async Task<int> CallFunctionAsync(AppInstance app, string job)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new { Data = new { job = JsonSerializer.Serialize(job) }, Metadata = new { DequeueCount = "1" } }));
        http.Response.Body = new MemoryStream();
        await app.Get<TaskFunction>().HandleAsync(http);
        return http.Response.StatusCode;
    }

    private async Task<StoredTask> RunToEndAsync(TaskRunner runner, StoredTask task)
    {
        while (true)
        {
            if (await runner.RunAsync(task.SdkAppId, task.Id, Stop) is { State: not TaskState.Running } over)
            {
                return over;
            }

            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private static Task<StoredTask> NewTaskAsync(AppInstance app) =>
        app.Get<TaskTable>().StartAsync(new StoredTask(AppIds.Next(), TaskTable.NewId(), "scripted"), Stop);

    private TaskRunner RunnerOf(AppInstance app, ITaskKind kind) =>
        new(app.Get<TaskTable>(), [kind], app.Get<AppTable>(), app.Get<DeadLetterTable>(), app.Get<TableLayouts>(), _time, NullLogger<TaskRunner>.Instance);

    private Task<AppInstance> StartAsync() => AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), _time);

    /// <summary>Takes five steps; a script says what happens in each.</summary>
    private sealed class Scripted(Func<int, Task> script) : ITaskKind
    {
        private Func<int, Task> _script = script;

        public string Name => "scripted";

        public Func<StoredTask, string> LetsGo { get; init; } = task => task.Progress;

        public List<string> Begun { get; } = [];

        public void Then(Func<int, Task> next) => _script = next;

        public async Task<TaskStep> StepAsync(StoredTask task, CancellationToken cancellation)
        {
            Begun.Add(task.Progress);
            var step = task.Progress.Length == 0 ? 1 : int.Parse(task.Progress, System.Globalization.CultureInfo.InvariantCulture) + 1;
            await _script(step);
            return new TaskStep(step.ToString(System.Globalization.CultureInfo.InvariantCulture), step == 5);
        }

        public Task<string> GiveUpAsync(StoredTask task, CancellationToken cancellation) => Task.FromResult(LetsGo(task));
    }

    private sealed class RecordedQueue : IWorkQueue
    {
        public List<string> Jobs { get; } = [];

        public bool IsAway { get; set; }

        public Task EnqueueAsync(WorkJob job, CancellationToken cancellation)
        {
            if (IsAway)
            {
                throw new IOException("The queue is away.");
            }

            Jobs.Add(job.Json);
            return Task.CompletedTask;
        }
    }
}
