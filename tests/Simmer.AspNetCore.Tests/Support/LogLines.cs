using Microsoft.Extensions.Logging;

namespace Simmer.AspNetCore.Tests.Support;

internal sealed record LogLine(string Category, LogLevel Level, int EventId, string Text, Exception? Exception);

/// <summary>Keeps the lines of the log, and signals tests that wait for one.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly Lock _gate = new();
    private readonly List<LogLine> _lines = [];
    private readonly List<(Func<LogLine, bool> Wanted, TaskCompletionSource<LogLine> Found)> _waiters = [];

    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public Task<LogLine> SoonAsync(int eventId)
    {
        lock (_gate)
        {
            if (_lines.Find(l => l.EventId == eventId && l.Category.StartsWith("Simmer", StringComparison.Ordinal)) is { } found)
            {
                return Task.FromResult(found);
            }

            var waiter = new TaskCompletionSource<LogLine>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((l => l.EventId == eventId && l.Category.StartsWith("Simmer", StringComparison.Ordinal), waiter));
            return waiter.Task.Soon();
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        // The lines are read after the host has gone.
    }

    private void Add(LogLine line)
    {
        lock (_gate)
        {
            _lines.Add(line);
            foreach (var (wanted, found) in _waiters)
            {
                if (wanted(line))
                {
                    found.TrySetResult(line);
                }
            }
        }
    }

    private sealed class Logger(LogLines owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            owner.Add(new LogLine(category, logLevel, eventId.Id, formatter(state, exception), exception));
    }
}
