using System.Diagnostics;

namespace Simmer.Load.Measuring;

/// <summary>Latencies of one caller. It has room from the start: growing would be measured as well.</summary>
internal sealed class Latencies(int capacity)
{
    private readonly long[] _ticks = new long[capacity];
    private int _count;

    /// <summary>Once it is full, every later one replaces an earlier one, so that the end of the run is represented too.</summary>
    public void Add(long ticks) => _ticks[_count++ % _ticks.Length] = ticks;

    public static (double P50, double P99) Of(IEnumerable<Latencies> all)
    {
        var sorted = all.SelectMany(static l => l._ticks.Take(Math.Min(l._count, l._ticks.Length))).ToArray();
        Array.Sort(sorted);
        return sorted.Length == 0 ? default : (Microseconds(sorted[sorted.Length / 2]), Microseconds(sorted[sorted.Length * 99 / 100]));
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;
}
