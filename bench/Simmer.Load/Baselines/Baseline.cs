using System.Diagnostics;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Baselines;

/// <summary>What the same machine gives without Simmer, measured between Simmer's rounds.</summary>
internal static class Baseline
{
    public static Measurement Compare(Measurement measured, Steps steps, TimeSpan duration)
    {
        if (steps == Steps.None)
        {
            return measured;
        }

        var (setting, shape) = (measured.Setting, measured.Shape);
        if (!setting.IsSqlite)
        {
            // A queue that nobody reads has no rate of its own.
            return steps == Steps.Enqueue ? measured : measured.With(Figure.TimesPlain, measured[Figure.JobsPerSecond] / ByHand.Rate(shape, steps, duration));
        }

        var plain = measured.With(Figure.TimesPlain, measured[Figure.JobsPerSecond] / OnFile(db => PlainTable.Rate(db, setting.Keep, shape, steps, duration), setting));

        // It is the disk's ceiling: with handlers that take time, they are the limit.
        return shape.Work == Work.Nothing
            ? plain.With(Figure.ShareOfCeiling, measured[Figure.JobsPerSecond] / OnFile(db => TwoColumns.Rate(db, setting.Keep, shape, steps, duration), setting))
            : plain;
    }

    /// <summary>Repeats the work until the time is over, or it finds nothing more to do.</summary>
    public static double Rate(TimeSpan duration, Func<int> work)
    {
        var (began, count) = (Stopwatch.GetTimestamp(), 0L);
        while (Stopwatch.GetElapsedTime(began) < duration && work() is var done and > 0)
        {
            count += done;
        }

        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static double OnFile(Func<RawSqlite, double> measure, Setting setting)
    {
        var folder = Directory.CreateTempSubdirectory("simmer-base").FullName;
        try
        {
            using var db = new RawSqlite(Path.Combine(folder, "base.db"), setting.Store == StoreChoice.Full);
            return measure(db);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
