using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Simmer.Diagnostics;

/// <summary>A logger of the application's that may throw: the engine logs in the middle of work that others share, and must not end with a
/// sink that is full.</summary>
internal sealed class GuardedLogger : ILogger
{
    private readonly ILogger _logger;

    private GuardedLogger(ILogger logger) => _logger = logger;

    public static ILogger For(IServiceProvider services, string category) => For(services.GetService<ILoggerFactory>(), category);

    public static ILogger For(ILoggerFactory? loggers, string category) => loggers is null ? NullLogger.Instance : Of(loggers, category);

    // A provider may throw at that too, and a factory that has been disposed of does: at the end of the host, while a handler still runs.
    private static ILogger Of(ILoggerFactory loggers, string category)
    {
        try
        {
            return new GuardedLogger(loggers.CreateLogger(category));
        }
        catch (Exception)
        {
            return NullLogger.Instance;
        }
    }

    /// <summary>What it gives may throw when it is disposed of.</summary>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return _logger.BeginScope(state);
        }
        catch (Exception)
        {
            // There is nowhere to tell of it.
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        try
        {
            _logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // The line is lost; what it was about goes on.
            return;
        }
    }
}
