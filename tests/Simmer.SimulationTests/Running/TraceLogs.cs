using Microsoft.Extensions.Logging;

namespace Simmer.SimulationTests.Running;

/// <summary>Puts the log of a simulated process into the trace, for people who replay a seed.</summary>
internal sealed class TraceLogs(World world, string process) : ILoggerFactory, ILogger
{
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The trace is the only place.");

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            world.Trace
                .Note($"        {process} {logLevel}: "
                + $"{formatter(state, exception)}{(exception is null ? null : $" ({exception.GetType().Name}: {exception.Message})")}");
        }
    }

    public void Dispose()
    {
    }
}
