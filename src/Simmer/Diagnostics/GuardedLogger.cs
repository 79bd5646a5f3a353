using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Simmer.Diagnostics;

/// <summary>Guards a logger of the application that may throw. The engine logs in the middle of work that others share, and that work must
/// not end because a log is full.</summary>
internal sealed class GuardedLogger : ILogger
{
    private readonly ILogger _logger;

    private GuardedLogger(ILogger logger) => _logger = logger;

    public static ILogger For(IServiceProvider services, string category) => For(services.GetService<ILoggerFactory>(), category);

    public static ILogger For(ILoggerFactory? loggers, string category) => loggers is null ? NullLogger.Instance : Of(loggers, category);

    // Making the logger may throw too: a factory that has been disposed of does, at the end of the host, while a handler still runs.
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

    /// <summary>Begins a scope whose disposal is guarded as well.</summary>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return _logger.BeginScope(state);
        }
        catch (Exception)
        {
            // The log itself has failed, so there is nowhere to report it.
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
            // The line is lost; the work that it was about goes on.
            return;
        }
    }
}
