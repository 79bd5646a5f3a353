using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Simmer.Diagnostics;

/// <summary>Reports mistakes of an application that would pass unnoticed: in Development by an exception, where somebody sees it; elsewhere
/// by a warning, once for each mistake.</summary>
/// <param name="isDevelopment">Whether the application runs in Development.</param>
/// <param name="logger">Where they are logged. It must not throw.</param>
internal sealed class Mistakes(bool isDevelopment, ILogger logger)
{
    /// <summary>The most mistakes that are remembered. They are made in code, so there are few; the number is bounded all the
    /// same.</summary>
    private const int MostTold = 1_000;

    private readonly ConcurrentDictionary<string, byte> _told = new(StringComparer.Ordinal);

    // Counted separately: a ConcurrentDictionary takes all its locks to count.
    private int _count;

    /// <summary>Whether the application runs in Development.</summary>
    public bool IsDevelopment => isDevelopment;

    public static Mistakes Of(IServiceProvider services) =>
        new(services.GetService<IHostEnvironment>()?.IsDevelopment() == true, GuardedLogger.For(services, "Simmer"));

    /// <summary>Reports a mistake whose caller can be given an exception.</summary>
    /// <exception cref="InvalidOperationException">The application runs in Development.</exception>
    public void Tell(string mistake)
    {
        if (IsDevelopment)
        {
            throw new InvalidOperationException(mistake);
        }

        Warn(mistake, mistake);
    }

    /// <summary>Reports a mistake outside any call that could be given an exception.</summary>
    /// <param name="key">Identifies the mistake; each is reported once.</param>
    /// <param name="mistake">What is wrong, and the way out.</param>
    public void Warn(string key, string mistake)
    {
        if (IsFirst(key))
        {
            logger.Mistake(mistake);
        }
    }

    /// <summary>Reports a mistake that may be met again and again. The text is made for the first time only.</summary>
    public void Warn<TState>(string key, TState state, Func<TState, string> mistake)
    {
        if (IsFirst(key))
        {
            logger.Mistake(mistake(state));
        }
    }

    /// <summary>Whether this mistake has not been reported yet.</summary>
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
