using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Simmer.Tests.Engine;

/// <summary>Keeps what was logged, with its scopes.</summary>
internal sealed class LogLines : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public ConcurrentQueue<LogLine> Lines { get; } = new();

    /// <summary>Called with each line, on the thread that logs it.</summary>
    public Action<LogLine>? Heard { get; set; }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        // Nothing to release: the lines are read after the host has gone.
    }

    private sealed class Logger(LogLines owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => owner._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var scope = new Dictionary<string, object?>();
            owner._scopes.ForEachScope(
                static (s, into) =>
                {
                    foreach (var (key, value) in s as IEnumerable<KeyValuePair<string, object?>> ?? [])
                    {
                        into[key] = value;
                    }
                },
                scope);
            var line = new LogLine(category, logLevel, eventId.Id, formatter(state, exception), exception, scope);
            owner.Lines.Enqueue(line);
            owner.Heard?.Invoke(line);
        }
    }
}

internal sealed record LogLine(string Category, LogLevel Level, int EventId, string Text, Exception? Exception,
    IReadOnlyDictionary<string, object?> Scope);
