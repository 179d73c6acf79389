using Parley.Apps;

namespace Parley.Archives;

/// <summary>Closes an app for a restore and opens it at its end.</summary>
/// <remarks>
/// The settings come last: those of the export, but for secrets, administrators and the address of callbacks, which stay where there is an app: a copy must not call the backend of the original.
/// </remarks>
public sealed class AppClosure(AppDirectory apps, AppTable newApps)
{
    /// <summary>Until every instance has read the app's settings again, and what it had begun before is over.</summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(45);

    /// <summary>Has every instance refuse what is called.</summary>
    public async Task<RestoreProgress> CloseAsync(RestoreProgress progress, CancellationToken cancellation)
    {
        var closed = await apps.ChangeAsync(progress.Parameters.Target, app => app with { IsRestoring = true }, cancellation);
        return progress.In(RestoreStage.Verify) with { Wait = closed is null ? TimeSpan.Zero : ClosingTime };
    }

    /// <summary>Opens an app as it was.</summary>
    public Task ReopenAsync(uint target, CancellationToken cancellation) => apps.ChangeAsync(target, app => app with { IsRestoring = false }, cancellation);

    /// <summary>Opens an app with the settings that were exported, or where there are none, with its own.</summary>
    public async Task<RestoreProgress> OpenAsync(RestoreProgress progress, App? exported, CancellationToken cancellation)
    {
        var target = progress.Parameters.Target;
        if (exported is null)
        {
            await ReopenAsync(target, cancellation);
        }
        else if (await apps.ChangeAsync(target, app => Merge(exported, app), cancellation) is null)
        {
            await newApps.TryAddAsync(exported with { SdkAppId = target, IsRestoring = false }, cancellation);
        }

        return progress.In(RestoreStage.Done);
    }

    private static App Merge(App exported, App existing) => exported with
    {
        SdkAppId = existing.SdkAppId,
        Secrets = existing.Secrets,
        Admins = existing.Admins,
        CallbackUrl = existing.CallbackUrl,
        CallbackToken = existing.CallbackToken,
        IsDisabled = existing.IsDisabled,
        IsRestoring = false,
        Version = Math.Max(exported.Version, existing.Version),
    };
}
