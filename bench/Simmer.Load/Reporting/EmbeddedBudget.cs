using Simmer.Load.Measuring;
using Simmer.Load.Running;
using Simmer.Load.Scenarios;

namespace Simmer.Load.Reporting;

/// <summary>What the design promises of memory and SQLite.</summary>
internal static class EmbeddedBudget
{
    private static readonly Setting s_memory = new(StoreChoice.Memory, Keep: false);
    private static readonly Setting s_memoryKept = new(StoreChoice.Memory, Keep: true);
    private static readonly Setting s_full = new(StoreChoice.Full, Keep: false);
    private static readonly Setting s_fullKept = new(StoreChoice.Full, Keep: true);

    public static IEnumerable<BudgetLine> Of(Measured run) =>
    [
        .. Best(
            run.AtLeast("memory, jobs/s, calls of 1,000", 1_500_000, "N0", s_memory, Bulk.Name, 2, Figure.JobsPerSecond),
            run.AtLeast("memory, jobs/s, 64 callers", 1_500_000, "N0", s_memory, EndToEnd.Name, EndToEnd.Busy, Figure.JobsPerSecond)),
        .. Best(
            run.AtMost("memory, bytes a job, calls of 1,000", 700, "N0", s_memory, Bulk.Name, 2, Figure.BytesPerJob),
            run.AtMost("memory, bytes a job, 64 callers", 700, "N0", s_memory, EndToEnd.Name, EndToEnd.Busy, Figure.BytesPerJob)),
        run.AtLeast("SQLite FULL, jobs/s, 64 callers, nothing kept", 100_000, "N0", s_full, EndToEnd.Name, EndToEnd.Busy,
            Figure.JobsPerSecond),
        run.AtLeast("SQLite FULL, jobs/s, 64 callers, kept 1 day", 60_000, "N0", s_fullKept, EndToEnd.Name, EndToEnd.Busy,
            Figure.JobsPerSecond),
        run.AtLeast("SQLite FULL, 64 callers, times one transaction an operation", 20, "N1", s_full, EndToEnd.Name, EndToEnd.Busy,
            Figure.TimesPlain),
        run.AtLeast("SQLite FULL, 64 callers, kept 1 day, times one transaction an operation", 20, "N1", s_fullKept, EndToEnd.Name,
            EndToEnd.Busy, Figure.TimesPlain),
        run.AtMost("memory idle, enqueue to start p50, µs", 100, "N0", s_memory, Idle.Name, 1, Figure.StartP50),
        run.AtMost("memory idle, enqueue to start p99, µs", 2_000, "N0", s_memory, Idle.Name, 1, Figure.StartP99),
        run.AtMost("SQLite FULL idle, enqueue to start p50, µs", 400, "N0", s_full, Idle.Name, 1, Figure.StartP50),
        run.AtMost("SQLite FULL idle, enqueue to start p99, µs", 5_000, "N0", s_full, Idle.Name, 1, Figure.StartP99),
        run.AtMost("SQLite FULL idle, start in another process p50, µs", 400, "N0", s_full, Idle.ElsewhereName, 1, Figure.StartP50),
        run.AtMost("SQLite FULL idle, start in another process p99, µs", 5_000, "N0", s_full, Idle.ElsewhereName, 1, Figure.StartP99),
        .. new[] { s_memory, s_full }.SelectMany(run.AtRest),
        .. new[] { s_memory, s_full, s_fullKept }.Select(run.Backlog),
        .. new[] { s_memoryKept, s_fullKept }.SelectMany(run.OfWorkflows),
        run.AtMost("SQLite FULL, time of a chain of two while 2,000 watch, against nobody", 1.5, "P0", s_full, Watched.Name, 1,
            Figure.ShareOfFirst),
        run.AtMost("SQLite FULL idle, end of a step to start of the next p50, µs", 1_000, "N0", s_fullKept, Handover.Name, 1,
            Figure.StartP50),
    ];

    // The same promise measured in two ways.
    private static IEnumerable<BudgetLine> Best(params BudgetLine[] ways) => ways.OrderByDescending(static w => w.Reached);
}
