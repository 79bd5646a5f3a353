using Microsoft.Extensions.Logging;

namespace Simmer.Tests.PlugIns;

/// <summary>A log provider that throws, in one of its members or in all.</summary>
internal sealed class ThrowingLogs(string member) : ILoggerProvider, ILogger
{
    private int _calls;

    /// <summary>How often it threw.</summary>
    public int Calls => _calls;

    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith("Simmer", StringComparison.Ordinal) ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Throw("scope");
        return member == "scope's end" ? new End(this) : null;
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        Throw("level");
        return true;
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) => Throw("line");

    public void Dispose()
    {
        // Nothing to release.
    }

    private void Throw(string here)
    {
        if (member == here || member == "all")
        {
            _ = Interlocked.Increment(ref _calls);
            throw new IOException("The disk of the logs is full.");
        }
    }

    private sealed class End(ThrowingLogs owner) : IDisposable
    {
        public void Dispose() => owner.Throw("scope's end");
    }
}
