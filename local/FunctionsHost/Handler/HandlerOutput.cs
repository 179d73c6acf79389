using System.Diagnostics;

namespace Parley.Local.FunctionsHost;

/// <summary>Turns what the handler prints into log lines: stdout is Information, stderr Error, or Warning when the line says so.</summary>
internal sealed partial class HandlerOutput : IAsyncDisposable
{
    private const int KeptErrors = 3;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(2);
    private static readonly string[] ErrorWords = ["error", "fail", "severe"];

    private readonly bool _stdErrorIsErrors;
    private readonly ILogger _logger;
    private readonly Queue<string> _errors = new();
    private readonly Task _reading;

    public HandlerOutput(Process process, bool stdErrorIsErrors, ILogger logger)
    {
        _stdErrorIsErrors = stdErrorIsErrors;
        _logger = logger;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, OnOutput), ReadAsync(process.StandardError, OnError));
    }

    public string LastErrors
    {
        get
        {
            lock (_errors)
            {
                return string.Join(Environment.NewLine, _errors);
            }
        }
    }

    /// <summary>Waits for the last lines, but not for a descendant that still holds the pipe.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAny(_reading, Task.Delay(DrainTimeout));
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> onLine)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                onLine(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process was disposed while a descendant of it still held the pipe.
        }
    }

    private void OnOutput(string line) => Line(_logger, LogLevel.Information, line);

    private void OnError(string line)
    {
        var level = LevelOf(line);
        if (level == LogLevel.Error)
        {
            Remember(line);
        }

        Line(_logger, level, line);
    }

    private LogLevel LevelOf(string line)
    {
        if (line.Contains("warn", StringComparison.OrdinalIgnoreCase))
        {
            return LogLevel.Warning;
        }

        return _stdErrorIsErrors || ErrorWords.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? LogLevel.Error
            : LogLevel.Information;
    }

    private void Remember(string line)
    {
        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > KeptErrors)
            {
                _errors.Dequeue();
            }
        }
    }

    [LoggerMessage(EventId = 9110, Message = "{Line}")]
    private static partial void Line(ILogger logger, LogLevel level, string line);
}
