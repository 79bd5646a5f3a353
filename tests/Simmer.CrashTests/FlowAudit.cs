using Microsoft.Data.Sqlite;
using Simmer.CrashTests.Worker;
using Simmer.Storage;

namespace Simmer.CrashTests;

/// <summary>Compares workflows with their rules, see <see cref="FlowRules"/>, and with each other's tables.</summary>
internal sealed class FlowAudit(Fleet fleet, string story)
{
    /// <summary>When all is quiet: every workflow is final and as its rules want it.</summary>
    public void AtTheEnd()
    {
        Halfway();
        None("SELECT id FROM simmer_workflow WHERE pending <> 0 OR state = 1 OR finished_at IS NULL OR keep_until IS NULL",
            "without an end");
        var steps = ReadSteps();
        var flows = steps.GroupBy(static r => r.Step.Workflow).Where(static f => !f.Any(static r => r.IsLeaf)).ToList();
        var rules = new FlowRules(ReadEffects(), story);
        foreach (var flow in flows)
        {
            rules.MustBeObeyed(flow);
        }

        ReceiptsAreOfTheRunThatCounts(steps);
        if (flows.Count > 0)
        {
            Console.WriteLine($"{flows.Count} workflows, of which "
                + $"{Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_workflow WHERE state = 3")} failed; "
                + $"{AckFile.ReadAll(fleet.Folder, AckFile.Deleted).Count} were to be deleted");
        }
    }

    /// <summary>At any moment: each is there whole or not at all, and what can be decided is decided.</summary>
    public void Halfway()
    {
        var acknowledged = AckFile.ReadAll(fleet.Folder, AckFile.Flows);
        var known = Audit.Rows(fleet.Jobs, "SELECT id FROM simmer_workflow")
            .Concat(AckFile.ReadAll(fleet.Folder, AckFile.Deleted).Select(static id => id.ToString())).ToHashSet();
        acknowledged.Where(id => !known.Contains(id.ToString())).ShouldBeEmpty($"workflows acknowledged, and lost; {story}");
        None("SELECT workflow FROM simmer_gate WHERE workflow NOT IN (SELECT id FROM simmer_workflow)", "gates of no workflow");
        None("SELECT id FROM simmer_job WHERE step IS NOT NULL AND NOT EXISTS(SELECT 1 FROM simmer_workflow w WHERE substr(w.id, 1, 13) "
            + "= substr(simmer_job.id, 1, 13))", "steps of no workflow");
        None("SELECT id FROM simmer_history WHERE step IS NOT NULL AND NOT EXISTS(SELECT 1 FROM simmer_workflow w WHERE w.id = "
            + "CAST(substr(simmer_history.id, 1, 13) || x'000000' AS BLOB))", "ended steps of no workflow");
        None("SELECT id FROM simmer_job WHERE state = 1 AND pending = 0", "waiting for nobody");
        None("SELECT id FROM simmer_job WHERE step IS NOT NULL AND state <> 1 AND pending > 0", "begun before all before it had ended");
        None($"""
            SELECT id FROM simmer_workflow w WHERE steps <>
              (SELECT count(*) FROM simmer_job j WHERE j.id > w.id AND j.id <= CAST(substr(w.id, 1, 13) || x'ffffff' AS BLOB))
              + (SELECT count(*) FROM simmer_history h WHERE h.id > w.id AND h.id <= CAST(substr(w.id, 1, 13) || x'ffffff' AS BLOB))
            """, "not whole");
    }

    /// <summary>A run whose end was refused may have had another result, so the results that were passed on must be those of the run that
    /// counts.</summary>
    private void ReceiptsAreOfTheRunThatCounts(List<FlowStep> steps)
    {
        var counts = steps.Where(static s => s.State == JobState.Succeeded).Select(static s => $"{s.Id} {s.Run}").ToHashSet();
        Audit.Rows(fleet.Effects, "SELECT DISTINCT job, run FROM effect WHERE what = 'taken'").Where(taken => !counts.Contains(taken))
            .ShouldBeEmpty($"results were passed on that are not those of the runs that count; {story}");
    }

    private List<FlowStep> ReadSteps()
    {
        using var open = new SqliteConnection(fleet.Jobs);
        open.Open();
        using var command = open.CreateCommand();
        command.CommandText =
            $"SELECT id, step, state, run, coalesce(first_added, 0), coalesce(added, 0), kind IN (SELECT id FROM simmer_kind WHERE name "
                + $"= '{Leaf.Kind}') FROM simmer_history WHERE step IS NOT NULL";
        using var reader = command.ExecuteReader();
        var rows = new List<FlowStep>();
        while (reader.Read())
        {
            var id = new JobId(new Guid((byte[])reader.GetValue(0), bigEndian: true));
            rows.Add(new FlowStep(id, StepDraft.Read(id, (byte[])reader.GetValue(1)), (JobState)reader.GetInt32(2), reader.GetInt32(3),
                reader.GetInt32(4), reader.GetInt32(5), reader.GetBoolean(6)));
        }

        return rows;
    }

    /// <summary>When each job first began and when it was last done, in the order in which the handlers of all processes wrote.</summary>
    private Dictionary<JobId, (long Started, long Done)> ReadEffects()
    {
        using var open = new SqliteConnection(fleet.Effects);
        open.Open();
        using var command = open.CreateCommand();
        command.CommandText =
            "SELECT job, min(CASE WHEN what = 'started' THEN n END), coalesce(max(CASE WHEN what IN ('done', 'threw') THEN n END), 0) "
                + "FROM effect WHERE what IN ('started', 'done', 'threw') GROUP BY job";
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
