using System.Diagnostics;

namespace Simmer.Load.Measuring;

/// <summary>Latencies, added by any thread. It has room from the start: growing would be measured as well.</summary>
internal sealed class Latencies(int capacity)
{
    private readonly long[] _ticks = new long[capacity];
    private long _count;

    /// <summary>Once it is full, every later one replaces an earlier one, so that the end of the run is represented too.</summary>
    public void Add(long ticks) => _ticks[(Interlocked.Increment(ref _count) - 1) % _ticks.Length] = ticks;

    public void Clear() => Volatile.Write(ref _count, 0);

    /// <summary>In microseconds; null if there are none.</summary>
    public static (double? P50, double? P99) Of(params IEnumerable<Latencies> all)
    {
        var sorted = all.SelectMany(static l => l._ticks.Take((int)Math.Min(l._count, l._ticks.Length))).ToArray();
        Array.Sort(sorted);
        return sorted.Length == 0
            ? (null, null)
            : (Microseconds(sorted[sorted.Length / 2]), Microseconds(sorted[sorted.Length * 99 / 100]));
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;
}
