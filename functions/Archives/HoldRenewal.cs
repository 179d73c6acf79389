namespace Parley.Archives;

/// <summary>Keeps an app for a restore while a step lasts, however long that is. Asked before each piece of work; it may be asked by several at once.</summary>
internal sealed class HoldRenewal(AppClosure closure, RestoreProgress progress, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task? _last;
    private long _renewedAt;

    /// <summary>Renews the hold when a third of its time is over. Who asks meanwhile waits for that; once it was refused or failed, so is everybody who asks in this step.</summary>
    /// <exception cref="Parley.Tasks.TaskRefusedException">The app is another restore's, or was meanwhile, or is open.</exception>
    public Task KeepAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_last is null || (_last.IsCompletedSuccessfully && time.GetElapsedTime(_renewedAt) > AppClosure.HoldTime / 3))
            {
                _renewedAt = time.GetTimestamp();
                _last = closure.KeepAsync(progress, isRenewal: _last is not null, cancellation);
            }

            return _last;
        }
    }
}
