using System.Diagnostics;

namespace Parley.Local.Storage;

/// <summary>Reads what a child process writes, so that it never blocks on a full pipe, and keeps the last lines.</summary>
public sealed class ProcessOutput
{
    private const int KeptLines = 20;
    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private readonly Queue<string> _errors = new();
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Found)> _waiting = [];

    /// <summary>Starts reading. Both streams of the process must be redirected.</summary>
    public ProcessOutput(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        process.OutputDataReceived += (_, line) => Add(line.Data, isError: false);
        process.ErrorDataReceived += (_, line) => Add(line.Data, isError: true);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The last lines of standard error, for messages.</summary>
    public string LastErrors
    {
        get
        {
            lock (_lock)
            {
                return string.Join(Environment.NewLine, _errors);
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

    private void Add(string? line, bool isError)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lock)
        {
            Keep(_lines, line);
            if (isError)
            {
                Keep(_errors, line);
            }

            _waiting.RemoveAll(waiter => waiter.Matches(line) && waiter.Found.TrySetResult(line));
        }
    }

    private static void Keep(Queue<string> lines, string line)
    {
        lines.Enqueue(line);
        if (lines.Count > KeptLines)
        {
            lines.Dequeue();
        }
    }
}
