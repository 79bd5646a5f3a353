using Microsoft.Data.Sqlite;
using Simmer.CrashTests.Worker;
using Simmer.Storage;

namespace Simmer.CrashTests;

/// <summary>Compares workflows with their rules, by a plain look at who comes after whom, and with what the handlers of their steps did.</summary>
internal sealed class FlowAudit(Fleet fleet, string story)
{
    private sealed record Row(JobId Id, StepDraft Step, JobState State, int Run, int FirstAdded, int Added, bool IsLeaf)
    {
        public bool IsOrdinary => Step.Role == StepRole.Step;

        public bool WentWrong => State is JobState.Failed or JobState.Cancelled;
    }

    /// <summary>When all is quiet: every workflow is final and as its rules want it.</summary>
    public void AtTheEnd()
    {
        Halfway();
        None("SELECT id FROM simmer_workflow WHERE pending <> 0 OR state = 1 OR finished_at IS NULL OR keep_until IS NULL", "without an end");
        var effects = ReadEffects();
        var steps = ReadSteps();
        var flows = steps.GroupBy(static r => r.Step.Workflow).Where(static f => !f.Any(static r => r.IsLeaf)).ToList();
        foreach (var flow in flows)
        {
            MustObeyRules([.. flow.OrderBy(static r => r.Step.Number)], effects);
        }

        ReceiptsAreOfTheRunThatCounts(steps);
        if (flows.Count > 0)
        {
            Console.WriteLine($"{flows.Count} workflows, of which {Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_workflow WHERE state = 3")} failed; {AckFile.ReadAll(fleet.Folder, AckFile.Deleted).Count} were to be deleted");
        }
    }

    /// <summary>At any moment: each is there whole or not at all, and what can be decided is decided.</summary>
    public void Halfway()
    {
        var acknowledged = AckFile.ReadAll(fleet.Folder, AckFile.Flows);
        var known = Audit.Rows(fleet.Jobs, "SELECT id FROM simmer_workflow").Concat(AckFile.ReadAll(fleet.Folder, AckFile.Deleted).Select(static id => id.ToString())).ToHashSet();
        acknowledged.Where(id => !known.Contains(id.ToString())).ShouldBeEmpty($"workflows acknowledged, and lost; {story}");
        None("SELECT workflow FROM simmer_gate WHERE workflow NOT IN (SELECT id FROM simmer_workflow)", "gates of no workflow");
        None("SELECT id FROM simmer_job WHERE step IS NOT NULL AND NOT EXISTS(SELECT 1 FROM simmer_workflow w WHERE substr(w.id, 1, 13) = substr(simmer_job.id, 1, 13))", "steps of no workflow");
        None("SELECT id FROM simmer_history WHERE step IS NOT NULL AND NOT EXISTS(SELECT 1 FROM simmer_workflow w WHERE w.id = CAST(substr(simmer_history.id, 1, 13) || x'000000' AS BLOB))", "ended steps of no workflow");
        None("SELECT id FROM simmer_job WHERE state = 1 AND pending = 0", "waiting for nobody");
        None("SELECT id FROM simmer_job WHERE step IS NOT NULL AND state <> 1 AND pending > 0", "begun before all before it had ended");
        None($"""
            SELECT id FROM simmer_workflow w WHERE steps <>
              (SELECT count(*) FROM simmer_job j WHERE j.id > w.id AND j.id <= CAST(substr(w.id, 1, 13) || x'ffffff' AS BLOB))
              + (SELECT count(*) FROM simmer_history h WHERE h.id > w.id AND h.id <= CAST(substr(w.id, 1, 13) || x'ffffff' AS BLOB))
            """, "not whole");
    }

    private void MustObeyRules(List<Row> steps, Dictionary<JobId, (long Started, long Done)> effects)
    {
        var wrong = steps.Exists(static r => r.IsOrdinary && r.WentWrong);
        foreach (var step in steps)
        {
            var parents = Before(steps, step).ToList();
            var runs = step.Step.Role switch
            {
                StepRole.Undo => wrong && parents[0].State == JobState.Succeeded,
                StepRole.OnFailure => wrong,
                StepRole.Finally => true,
                _ => parents.TrueForAll(static p => p.State == JobState.Succeeded),
            };
            var which = $"'{step.Step.Name}' of {step.Step.Workflow}, which is {step.State}; {story}";
            (step.State != JobState.Skipped).ShouldBe(runs, which);
            effects.ContainsKey(step.Id).ShouldBe(runs, $"whether it did anything: {which}");
            if (runs)
            {
                foreach (var before in MustHaveEnded(steps, step, parents))
                {
                    effects[before.Id].Done.ShouldBeLessThan(effects[step.Id].Started, $"began before '{before.Step.Name}' had ended: {which}");
                }
            }
        }
    }

    // What comes at the end comes after all that ran, one after the other.
    private static IEnumerable<Row> MustHaveEnded(List<Row> steps, Row step, List<Row> parents) => step.Step.Role == StepRole.Step
        ? parents
        : steps.Where(r => r.State != JobState.Skipped && (r.IsOrdinary || r.Step.Number < step.Step.Number));

    /// <summary>The steps directly before it, with those that they added.</summary>
    private static IEnumerable<Row> Before(List<Row> steps, Row step) =>
        step.Step.Parents.Select(n => steps[n - 1]).SelectMany(p => p.Step.Number == AdderOf(steps, step) ? [p] : steps.Skip(p.FirstAdded - 1).Take(p.Added).Prepend(p));

    private static int AdderOf(List<Row> steps, Row step) =>
        steps.Find(r => r.Added > 0 && step.Step.Number >= r.FirstAdded && step.Step.Number < r.FirstAdded + r.Added)?.Step.Number ?? 0;

    /// <summary>A run whose end was refused may have given something else.</summary>
    private void ReceiptsAreOfTheRunThatCounts(List<Row> steps)
    {
        var counts = steps.Where(static s => s.State == JobState.Succeeded).Select(static s => $"{s.Id} {s.Run}").ToHashSet();
        Audit.Rows(fleet.Effects, "SELECT DISTINCT job, run FROM effect WHERE what = 'taken'").Where(taken => !counts.Contains(taken))
            .ShouldBeEmpty($"results were passed on that are not those of the runs that count; {story}");
    }

    private List<Row> ReadSteps()
    {
        using var open = new SqliteConnection(fleet.Jobs);
        open.Open();
        using var command = open.CreateCommand();
        command.CommandText = $"SELECT id, step, state, run, coalesce(first_added, 0), coalesce(added, 0), kind IN (SELECT id FROM simmer_kind WHERE name = '{Leaf.Kind}') FROM simmer_history WHERE step IS NOT NULL";
        using var reader = command.ExecuteReader();
        var rows = new List<Row>();
        while (reader.Read())
        {
            var id = new JobId(new Guid((byte[])reader.GetValue(0), bigEndian: true));
            rows.Add(new Row(id, StepDraft.Read(id, (byte[])reader.GetValue(1)), (JobState)reader.GetInt32(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5), reader.GetBoolean(6)));
        }

        return rows;
    }

    /// <summary>When each job first began and when it was last done, in the order in which the handlers of all processes wrote.</summary>
    private Dictionary<JobId, (long Started, long Done)> ReadEffects()
    {
        using var open = new SqliteConnection(fleet.Effects);
        open.Open();
        using var command = open.CreateCommand();
        command.CommandText = "SELECT job, min(CASE WHEN what = 'started' THEN n END), coalesce(max(CASE WHEN what IN ('done', 'threw') THEN n END), 0) FROM effect WHERE what IN ('started', 'done', 'threw') GROUP BY job";
        using var reader = command.ExecuteReader();
        var effects = new Dictionary<JobId, (long, long)>();
        while (reader.Read())
        {
            effects.Add(JobId.Parse(reader.GetString(0), null), (reader.GetInt64(1), reader.GetInt64(2)));
        }

        return effects;
    }

    private void None(string sql, string otherwise) => Audit.Rows(fleet.Jobs, sql).ShouldBeEmpty($"{otherwise}; {story}");
}
