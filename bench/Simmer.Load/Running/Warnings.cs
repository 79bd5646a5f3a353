using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Simmer.Load.Running;

/// <summary>Keeps what a host warns of.</summary>
internal sealed class Warnings : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(int Id, string Text)> _said = [];

    public IEnumerable<string> Of(int eventId) => _said.Where(w => w.Id == eventId).Select(static w => w.Text);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _said.Enqueue((eventId.Id, formatter(state, exception)));
        }
    }

    public void Dispose()
    {
    }
}
