using System.Diagnostics;

namespace Parley.Local.Storage;

/// <summary>Reads what a child process writes, so that it never blocks on a full pipe, and keeps its last lines.</summary>
public sealed class ProcessOutput
{
    private const int KeptLines = 20;
    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Found)> _waiting = [];

    /// <summary>Starts reading. Both streams of the process must be redirected.</summary>
    public ProcessOutput(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Tail
    {
        get
        {
            lock (_lock)
            {
                return string.Join(Environment.NewLine, _lines);
            }
        }
    }

    /// <summary>The first line that matches, among those kept or still to come.</summary>
    public Task<string> WaitForLineAsync(Func<string, bool> matches, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_lines.FirstOrDefault(matches) is { } line)
            {
                return Task.FromResult(line);
            }

            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((matches, found));
            return found.Task.WaitAsync(cancellation);
        }
    }

    private void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > KeptLines)
            {
                _lines.Dequeue();
            }

            _waiting.RemoveAll(waiter => waiter.Matches(line) && waiter.Found.TrySetResult(line));
        }
    }
}
