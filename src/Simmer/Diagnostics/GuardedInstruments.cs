using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Simmer.Diagnostics;

/// <summary>Measures where a listener of the application's may throw: a measurement is lost then, and not what was measured.</summary>
internal static class GuardedInstruments
{
    public static void TryAdd(this Counter<long> counter, long delta, in TagList tags = default)
    {
        try
        {
            counter.Add(delta, tags);
        }
        catch (Exception)
        {
            return;
        }
    }

    public static void TryAdd(this UpDownCounter<long> counter, long delta, in TagList tags)
    {
        try
        {
            counter.Add(delta, tags);
        }
        catch (Exception)
        {
            return;
        }
    }

    public static void TryRecord(this Histogram<double> histogram, double value, in TagList tags)
    {
        try
        {
            histogram.Record(value, tags);
        }
        catch (Exception)
        {
            return;
        }
    }

    /// <summary>Listeners are told that its instruments are gone.</summary>
    public static void TryDispose(this Meter meter)
    {
        try
        {
            meter.Dispose();
        }
        catch (Exception)
        {
            return;
        }
    }
}
