using Parley.Apps;
using Parley.Tasks;

namespace Parley.Archives;

/// <summary>Closes an app for a restore, makes sure before each step, and while it lasts, that it is the restore's still, and opens it at the end.</summary>
/// <remarks>
/// The app's own settings say which restore has it to itself, so of two that are after the same app, tasks or commands beside a deployment, one is refused. They also say whether something was written since it was open, so that one which is half restored is opened only by a restore that comes to its end, whatever breaks off or is refused before.
/// What is restored of the settings comes last: all but secrets, administrators and the address of callbacks, which stay where there is an app: a copy must not call the backend of the original.
/// </remarks>
public sealed class AppClosure(AppDirectory apps, AppTable table, TimeProvider time)
{
    /// <summary>Stands for a restore that was begun by a program which did not note it.</summary>
    private const string Unknown = "unknown";

    /// <summary>Until every instance has read the app's settings again, and what it had begun before is over.</summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(45);

    /// <summary>How long nothing may be heard of a restore: more than the pause before a step, and any piece of work between two renewals.</summary>
    internal static readonly TimeSpan HoldTime = TimeSpan.FromMinutes(3);

    /// <summary>Whether another restore is at work at an app.</summary>
    /// <param name="id">The restore that asks; null when it is none yet.</param>
    public async Task<bool> IsHeldByAnotherAsync(uint target, string? id, CancellationToken cancellation) =>
        await table.FindAsync(target, cancellation) is { Restore: { } hold } && IsOfAnother(hold, id);

    /// <summary>Has every instance refuse what is called.</summary>
    /// <exception cref="TaskRefusedException">Another restore is at work.</exception>
    public async Task<RestoreProgress> CloseAsync(RestoreProgress progress, CancellationToken cancellation)
    {
        var closed = await apps.ChangeAsync(progress.Parameters.Target, app => Hold(app, progress) with { IsRestoring = true }, cancellation);
        return progress.In(RestoreStage.Verify) with { Wait = closed is null ? TimeSpan.Zero : ClosingTime };
    }

    /// <summary>Makes sure before a step that the restore may take it, and notes before the first one that changes anything that it will.</summary>
    /// <param name="isRenewal">Whether the step is under way, so that the app must have been the restore's all the while; before a step, it may have been another's that has changed nothing.</param>
    /// <exception cref="TaskRefusedException">Another restore is at work, has written to the app, or the app is open.</exception>
    public Task KeepAsync(RestoreProgress progress, bool isRenewal, CancellationToken cancellation) =>
        apps.ChangeAsync(progress.Parameters.Target, app => isRenewal && app.Restore?.Id != progress.Id ? throw Lost(app) : Hold(app, progress), cancellation);

    /// <summary>Opens the app if nothing was written since it was open; else leaves it closed, for this or another restore.</summary>
    /// <returns>Whether what the restore has done is of use when it is asked for again.</returns>
    public async Task<bool> LetGoAsync(RestoreProgress progress, CancellationToken cancellation)
    {
        var target = progress.Parameters.Target;
        var left = await apps.ChangeAsync(target, app => app.Restore?.Id == progress.Id ? Leave(app, app.Restore) : null, cancellation);
        var after = left ?? await table.FindAsync(target, cancellation);
        return progress.Stage > RestoreStage.Verify && (after is null || after.Restore?.WrittenBy == progress.Id);
    }

    /// <summary>Opens the app with the settings that were exported, or where there are none, with its own. Safe to repeat.</summary>
    /// <exception cref="TaskRefusedException">Another restore is at work, has written to the app, or the app is open and it was not this restore that opened it.</exception>
    public async Task<RestoreProgress> OpenAsync(RestoreProgress progress, App? exported, CancellationToken cancellation)
    {
        var target = progress.Parameters.Target;
        var opened = await apps.ChangeAsync(target, app => IsOpenedBy(app, progress) ? null : Opened(Merge(exported, Hold(app, progress))), cancellation);
        if (opened is null && exported is not null && !await table.TryAddAsync(Opened(exported with { SdkAppId = target }), cancellation)
            && await table.FindAsync(target, cancellation) is { } there && !IsOpenedBy(there, progress))
        {
            throw NotClosed(there);
        }

        return progress.In(RestoreStage.Done);

        App Opened(App app) => Open(app) with { LastRestore = progress.Id };
    }

    private App Hold(App app, RestoreProgress progress)
    {
        if (app.Restore is { } other && IsOfAnother(other, progress.Id))
        {
            throw new TaskRefusedException($"Another restore into app {app.SdkAppId} is under way: {other.Id}.");
        }

        var writer = !app.IsRestoring ? null : app.Restore is { } hold ? hold.WrittenBy : Unknown;
        if (progress.Stage > RestoreStage.Close && !app.IsRestoring)
        {
            throw NotClosed(app);
        }

        if (progress.Stage > RestoreStage.Empty && app.Restore is not null && writer != progress.Id)
        {
            throw new TaskRefusedException($"App {app.SdkAppId} has what another restore has written since: {writer}.");
        }

        return app with { Restore = new RestoreHold(progress.Id, time.GetUtcNow() + HoldTime, progress.Stage >= RestoreStage.Empty ? progress.Id : writer) };
    }

    private bool IsOfAnother(RestoreHold hold, string? id) => hold.Id != id && hold.Until > time.GetUtcNow();

    // A restore that is begun anew has the same name as before while it works.
    private static bool IsOpenedBy(App app, RestoreProgress progress) => app.LastRestore == progress.Id && app.Restore?.Id != progress.Id;

    private static TaskRefusedException NotClosed(App app) => new($"App {app.SdkAppId} is open: the restore was given up, or another one has come to its end since.");

    private static TaskRefusedException Lost(App app) =>
        app.IsRestoring ? new($"App {app.SdkAppId} was taken by another restore in the middle of a step: {app.Restore?.Id}.") : NotClosed(app);

    private static App Leave(App app, RestoreHold hold) => hold.WrittenBy is null ? Open(app) : app with { Restore = hold with { Until = default } };

    private static App Open(App app) => app with { IsRestoring = false, Restore = null };

    private static App Merge(App? exported, App existing) => exported is null ? existing : exported with
    {
        SdkAppId = existing.SdkAppId,
        Secrets = existing.Secrets,
        Admins = existing.Admins,
        CallbackUrl = existing.CallbackUrl,
        CallbackToken = existing.CallbackToken,
        IsDisabled = existing.IsDisabled,
        Version = Math.Max(exported.Version, existing.Version),
    };
}
