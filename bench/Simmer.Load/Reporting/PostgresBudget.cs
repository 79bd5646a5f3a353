using Simmer.Load.Measuring;
using Simmer.Load.Running;
using Simmer.Load.Scenarios;
using Simmer.Servers;

namespace Simmer.Load.Reporting;

/// <summary>What the design promises of PostgreSQL.</summary>
internal static class PostgresBudget
{
    private static readonly Setting s_bare = new(StoreChoice.Postgres, Keep: false);
    private static readonly Setting s_kept = new(StoreChoice.Postgres, Keep: true);

    public static IEnumerable<BudgetLine> Of(Measured run) =>
    [
        run.AtLeast("PostgreSQL, jobs/s, 64 callers, nothing kept", 50_000, "N0", s_bare, EndToEnd.Name, EndToEnd.Busy,
            Figure.JobsPerSecond),
        run.AtLeast("PostgreSQL, jobs/s, 64 callers, kept 1 day", 30_000, "N0", s_kept, EndToEnd.Name, EndToEnd.Busy, Figure.JobsPerSecond),
        run.AtLeast("PostgreSQL, 64 callers, nothing kept, of local dispatch without an engine", 0.5, "P0", s_bare, EndToEnd.Name,
            EndToEnd.Busy, Figure.ShareOfBare),
        run.AtLeast("PostgreSQL, 64 callers, kept 1 day, of local dispatch without an engine", 0.5, "P0", s_kept, EndToEnd.Name,
            EndToEnd.Busy, Figure.ShareOfBare),
        run.AtLeast("PostgreSQL, draining 100,000, nothing kept, jobs/s", 45_000, "N0", s_bare, Drain.Name(Drain.Some), 0,
            Figure.JobsPerSecond),
        run.AtMost("PostgreSQL idle, start in another process p50, µs", 2_000, "N0", s_bare, Idle.ElsewhereName, 1, Figure.StartP50),
        run.AtMost("PostgreSQL idle, start in another process p99, µs", 10_000, "N0", s_bare, Idle.ElsewhereName, 1, Figure.StartP99),
        run.AtMost("PostgreSQL, time of a chain of two while 2,000 watch, against nobody", 1.5, "P0", s_bare, Watched.Name, 1,
            Figure.ShareOfFirst),
        .. run.AtRest(s_bare),
        run.AtMost("PostgreSQL, idle process, connections, the listener included", 5, "N0", s_bare, Rest.Name, 0, Figure.Connections),
        run.Backlog(s_bare),
        run.Backlog(s_kept),
        .. run.OfWorkflows(s_kept),
        .. from setting in new[] { s_bare, s_kept }
           from way in new[] { OldSnapshot.Claimed, OldSnapshot.Dispatched }
           from line in OfFleet(run, setting, way)
           select line,
        run.AtMost("PostgreSQL, worker killed, its jobs started elsewhere within the lease and 2 s, seconds", 17, "N1", s_bare, Killed.Name,
            0, Figure.AllSeconds),
        .. new[] { StopMode.Fast, StopMode.Immediate }.Select(mode =>
            run.AtMost($"PostgreSQL, {Restarted.Name(mode)}, full rate after it accepts connections, seconds", 5, "N1", s_bare,
                Restarted.Name(mode), EndToEnd.Busy, Figure.AllSeconds)),
    ];

    private static IEnumerable<BudgetLine> OfFleet(Measured run, Setting setting, string way)
    {
        var name = $"PostgreSQL, {way}, kept {setting.KeepName}";
        yield return run.AtLeast($"{name}, full tables against empty ones", 0.7, "P0", setting, OldSnapshot.Name(way, full: true),
            EndToEnd.Busy, Figure.ShareOfFirst);
        foreach (var full in new[] { false, true })
        {
            var held = $"{name}, snapshot held, {(full ? "full" : "empty")} tables";
            yield return run.AtLeast($"{held}, the last 20,000 of 200,000 against the first", 0.6, "P0", setting,
                OldSnapshot.HeldName(way, full), EndToEnd.Busy, Figure.ShareOfFirst);
            yield return run.AtLeast($"{held}, warned of with the session's number", 1, "N0", setting, OldSnapshot.HeldName(way, full),
                EndToEnd.Busy, Figure.Warned);
        }
    }
}
