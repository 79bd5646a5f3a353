namespace Simmer.Load.Measuring;

/// <summary>One line of the report. What a scenario does not measure is null.</summary>
internal sealed record Measurement(string Scenario, string Store, string Keep, int Callers)
{
    public double? JobsPerSecond { get; init; }

    /// <summary>Against the same work with one transaction an operation, in the same run.</summary>
    public double? TimesOnePerOperation { get; init; }

    /// <summary>Against two columns in batches of 1,000, in the same run.</summary>
    public double? ShareOfCeiling { get; init; }

    public double? P50Microseconds { get; init; }

    public double? P99Microseconds { get; init; }

    public double? BytesPerJob { get; init; }

    public double? CpuSecondsPerThousand { get; init; }

    /// <summary>The fastest round against the slowest: how far to trust the line.</summary>
    public double? Spread { get; init; }

    /// <summary>The median of several rounds of the same line, value by value.</summary>
    public static Measurement Median(IReadOnlyList<Measurement> rounds) => rounds[0] with
    {
        JobsPerSecond = Median(rounds, static r => r.JobsPerSecond),
        TimesOnePerOperation = Median(rounds, static r => r.TimesOnePerOperation),
        ShareOfCeiling = Median(rounds, static r => r.ShareOfCeiling),
        P50Microseconds = Median(rounds, static r => r.P50Microseconds),
        P99Microseconds = Median(rounds, static r => r.P99Microseconds),
        BytesPerJob = Median(rounds, static r => r.BytesPerJob),
        CpuSecondsPerThousand = Median(rounds, static r => r.CpuSecondsPerThousand),
        Spread = rounds.Count > 1 && rounds.All(static r => r.JobsPerSecond > 0) ? rounds.Max(static r => r.JobsPerSecond) / rounds.Min(static r => r.JobsPerSecond) : null,
    };

    private static double? Median(IReadOnlyList<Measurement> rounds, Func<Measurement, double?> value)
    {
        var values = rounds.Select(value).OfType<double>().Order().ToList();
        return values.Count == 0 ? null : values[values.Count / 2];
    }
}
