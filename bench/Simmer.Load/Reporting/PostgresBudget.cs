using Simmer.Load.Measuring;
using Simmer.Load.Running;
using Simmer.Load.Scenarios;

namespace Simmer.Load.Reporting;

/// <summary>What the design promises of PostgreSQL.</summary>
internal static class PostgresBudget
{
    private static readonly Setting s_bare = new(StoreChoice.Postgres, Keep: false);
    private static readonly Setting s_kept = new(StoreChoice.Postgres, Keep: true);

    public static IEnumerable<BudgetLine> Of(Measured run) =>
    [
        run.AtLeast("PostgreSQL, jobs/s, 64 callers, nothing kept", 50_000, "N0", s_bare, EndToEnd.Name, EndToEnd.Busy, Figure.JobsPerSecond),
        run.AtLeast("PostgreSQL, jobs/s, 64 callers, kept 1 day", 30_000, "N0", s_kept, EndToEnd.Name, EndToEnd.Busy, Figure.JobsPerSecond),
        run.AtLeast("PostgreSQL, 64 callers, nothing kept, of local dispatch without an engine", 0.5, "P0", s_bare, EndToEnd.Name, EndToEnd.Busy, Figure.ShareOfBare),
        run.AtLeast("PostgreSQL, 64 callers, kept 1 day, of local dispatch without an engine", 0.5, "P0", s_kept, EndToEnd.Name, EndToEnd.Busy, Figure.ShareOfBare),
        run.AtLeast("PostgreSQL, draining 100,000, nothing kept, jobs/s", 45_000, "N0", s_bare, Drain.Name(Drain.Some), 0, Figure.JobsPerSecond),
        run.AtMost("PostgreSQL idle, start in another process p50, µs", 2_000, "N0", s_bare, Idle.ElsewhereName, 1, Figure.StartP50),
        run.AtMost("PostgreSQL idle, start in another process p99, µs", 10_000, "N0", s_bare, Idle.ElsewhereName, 1, Figure.StartP99),
        .. run.AtRest(s_bare),
        run.AtMost("PostgreSQL, idle process, connections, the listener included", 5, "N0", s_bare, Rest.Name, 0, Figure.Connections),
        run.Backlog(s_bare),
        run.Backlog(s_kept),
        .. run.OfWorkflows(s_kept),
    ];
}
