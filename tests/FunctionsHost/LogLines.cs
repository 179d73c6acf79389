using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Parley.Tests.FunctionsHost;

/// <summary>Collects what the host logs.</summary>
public sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    public IEnumerable<(LogLevel Level, string Text)> Lines => _lines;

    public bool Has(LogLevel level, params string[] parts) => _lines.Any(line => line.Level == level && parts.All(line.Text.Contains));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _lines.Enqueue((logLevel, formatter(state, exception)));
    }

    public void Dispose()
    {
        // Lines outlive the loggers on purpose: tests read them last.
    }
}
