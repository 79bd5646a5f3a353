using System.Diagnostics;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Baselines;

/// <summary>The rates of the same machine without Simmer, measured between Simmer's rounds.</summary>
internal static class Baseline
{
    public static async Task<Measurement> CompareAsync(Grounds grounds, Measurement measured, Steps steps, TimeSpan duration)
    {
        var (setting, shape) = (measured.Setting, measured.Shape);
        if (steps == Steps.None)
        {
            return measured;
        }

        return setting.IsPostgres ? await OnServer.CompareAsync(await grounds.ServerAsync(), measured, steps, duration)
            : setting.IsSqlite ? CompareOnFile(measured, steps, duration)

            // There is no baseline for enqueueing into memory: a queue that is not read has no rate.

                : steps == Steps.Enqueue
                ? measured
                : measured.With(Figure.TimesPlain, measured[Figure.JobsPerSecond] / ByHand.Rate(shape, steps, duration));
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

    /// <summary>The same where a step may wait.</summary>
    public static async Task<double> RateAsync(TimeSpan duration, Func<Task<int>> work)
    {
        var (began, count) = (Stopwatch.GetTimestamp(), 0L);
        while (Stopwatch.GetElapsedTime(began) < duration && await work() is var done and > 0)
        {
            count += done;
        }

        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static Measurement CompareOnFile(Measurement measured, Steps steps, TimeSpan duration)
    {
        var (setting, shape) = (measured.Setting, measured.Shape);
        var plain = measured.With(Figure.TimesPlain,
            measured[Figure.JobsPerSecond] / OnFile(db => PlainTable.Rate(db, setting.Keep, shape, steps, duration), setting));

        // This is the ceiling of the disk. With handlers that take time, these are the limit.
        return shape.Work == Work.Nothing
            ? plain.With(Figure.ShareOfCeiling,
                measured[Figure.JobsPerSecond] / OnFile(db => TwoColumns.Rate(db, setting.Keep, shape, steps, duration), setting))
            : plain;
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
