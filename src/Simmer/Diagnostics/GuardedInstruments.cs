using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Simmer.Diagnostics;

/// <summary>Measures where a listener of the application's may throw: a measurement is lost then, and not what was measured.</summary>
internal static class GuardedInstruments
{
    /// <summary>A meter; one of the system's where the application's factory throws.</summary>
    public static Meter MeterOf(IMeterFactory? factory, MeterOptions options)
    {
        try
        {
            return factory?.Create(options) ?? new Meter(options);
        }
        catch (Exception)
        {
            return new Meter(options);
        }
    }

    /// <summary>Makes an instrument, of which listeners are told.</summary>
    /// <returns>Null: one of them threw. What it would measure is measured by nobody.</returns>
    public static TInstrument? TryMake<TInstrument>(Func<TInstrument> make)
        where TInstrument : Instrument
    {
        try
        {
            return make();
        }
        catch (Exception)
        {
            return null;
        }
    }

    public static void TryAdd(this Counter<long>? counter, long delta, in TagList tags = default)
    {
        try
        {
            counter?.Add(delta, tags);
        }
        catch (Exception)
        {
            return;
        }
    }

    public static void TryAdd(this UpDownCounter<long>? counter, long delta, in TagList tags)
    {
        try
        {
            counter?.Add(delta, tags);
        }
        catch (Exception)
        {
            return;
        }
    }

    public static void TryRecord(this Histogram<double>? histogram, double value, in TagList tags)
    {
        try
        {
            histogram?.Record(value, tags);
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
