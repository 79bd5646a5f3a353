using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Simmer.Diagnostics;

/// <summary>Mistakes of an application that would pass in silence: in Development an exception, where somebody looks; elsewhere a warning,
/// once for each.</summary>
/// <param name="isDevelopment">Whether the application runs in Development.</param>
/// <param name="logger">Told of them; must not throw.</param>
internal sealed class Mistakes(bool isDevelopment, ILogger logger)
{
    /// <summary>Mistakes are made in code, so there are few; their number is bounded all the same.</summary>
    private const int MostTold = 1_000;

    private readonly ConcurrentDictionary<string, byte> _told = new(StringComparer.Ordinal);

    // The dictionary takes all its locks to count.
    private int _count;

    /// <summary>Whether the application runs in Development.</summary>
    public bool IsDevelopment => isDevelopment;

    public static Mistakes Of(IServiceProvider services) =>
        new(services.GetService<IHostEnvironment>()?.IsDevelopment() == true, GuardedLogger.For(services, "Simmer"));

    /// <summary>Tells of a mistake that the caller can be told of.</summary>
    /// <exception cref="InvalidOperationException">The application runs in Development.</exception>
    public void Tell(string mistake)
    {
        if (IsDevelopment)
        {
            throw new InvalidOperationException(mistake);
        }

        Warn(mistake, mistake);
    }

    /// <summary>Tells of a mistake that nobody is there to catch.</summary>
    /// <param name="key">What is told of once.</param>
    /// <param name="mistake">What is wrong, and the way out.</param>
    public void Warn(string key, string mistake)
    {
        if (IsFirst(key))
        {
            logger.Mistake(mistake);
        }
    }

    /// <summary>Tells of a mistake that may be met again and again: its text is made once.</summary>
    public void Warn<TState>(string key, TState state, Func<TState, string> mistake)
    {
        if (IsFirst(key))
        {
            logger.Mistake(mistake(state));
        }
    }

    /// <summary>Whether nothing was told of this yet.</summary>
    public bool IsFirst(string key)
    {
        if (Volatile.Read(ref _count) >= MostTold || !_told.TryAdd(key, 0))
        {
            return false;
        }

        _ = Interlocked.Increment(ref _count);
        return true;
    }
}
