using System.Diagnostics;
using Parley.Telemetry;

namespace Parley.Storage;

/// <summary>A change that waits for its turn in a partition, whatever its result type.</summary>
internal abstract class PendingChange(long arrivedAt)
{
    private readonly List<Action> _afterwards = [];

    /// <summary>A <see cref="TimeProvider.GetTimestamp"/>: a decision without a write must rest on rows read after it.</summary>
    public long ArrivedAt { get; } = arrivedAt;

    /// <summary>The span that waits for it.</summary>
    public ActivityContext Origin { get; } = ParleyTracing.Here;

    public int Attempts { get; set; }

    /// <summary>Notes what a run that is about to be committed wants done afterwards. An attempt whose outcome is unknown may have been the one, so nothing is taken off again.</summary>
    public void RunAfterwards(IEnumerable<Action> actions) => _afterwards.AddRange(actions);

    /// <summary>Runs the change; its result is kept until <see cref="Complete"/>.</summary>
    /// <exception cref="Exception">Whatever the change throws.</exception>
    public abstract void Run(PartitionView view);

    public void Complete()
    {
        SetResult();
        _afterwards.ForEach(static action => action());
    }

    protected abstract void SetResult();

    public abstract void Fail(Exception reason);
}

internal sealed class PendingChange<T>(Func<PartitionView, T> change, long arrivedAt) : PendingChange(arrivedAt)
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Completion => _done.Task;

    public override void Run(PartitionView view) => _result = change(view);

    protected override void SetResult() => _done.TrySetResult(_result!);

    public override void Fail(Exception reason) => _done.TrySetException(reason);
}
