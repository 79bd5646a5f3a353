using System.Diagnostics;

namespace Simmer.Sqlite;

/// <summary>Waits for a lock that another process or thread holds: 0.05 ms at first, growing to 1 ms, each with jitter, until a
/// deadline.</summary>
/// <remarks>SQLite's own busy handler sleeps in fixed steps and starves a light process beside a saturating one; jittered short waits share
/// evenly.</remarks>
internal struct ShortWait(TimeSpan timeout, Random random)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private double _microseconds = 50;

    /// <summary>Waits a moment; false when the time is over.</summary>
    public bool Wait()
    {
        if (Stopwatch.GetElapsedTime(_started) >= timeout)
        {
            return false;
        }

        var wait = _microseconds * (0.5 + random.NextDouble());
        _microseconds = Math.Min(1000, _microseconds * 1.5);
        if (OperatingSystem.IsWindows())
        {
            _ = Thread.Yield();
        }
        else
        {
            _ = Posix.Nanosleep(new Posix.TimeSpec { Nanoseconds = (nint)(wait * 1000) }, 0);
        }

        return true;
    }
}
