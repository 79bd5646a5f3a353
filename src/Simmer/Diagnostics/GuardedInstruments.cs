using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Simmer.Diagnostics;

/// <summary>Guards measurements against listeners of the application that throw. The measurement is lost then; the work that was measured
/// goes on.</summary>
internal static class GuardedInstruments
{
    /// <summary>Makes a meter with the application's factory, or without it if the factory throws.</summary>
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

    /// <summary>Makes an instrument. Listeners are told of it, and may throw.</summary>
    /// <returns>The instrument; null if a listener threw. Nothing is measured with it then.</returns>
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

    /// <summary>Disposes of a meter. Listeners are told that its instruments are gone, and may throw.</summary>
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
