using System.Globalization;
using Microsoft.Data.Sqlite;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>Compares what was acknowledged, what the store says and what the handlers did.</summary>
internal sealed class Audit(Fleet fleet, Expected expected, string story)
{
    /// <summary>Checks what must hold when nothing runs any more and all workers have left.</summary>
    public void AtTheEnd()
    {
        EveryAcknowledgedJobHasOneEnd();
        NothingIsLeft();
        EveryRunIsExplained();
        EveryExactEffectIsThereOnce();
        new FlowAudit(fleet, story).AtTheEnd();
        FilesAreSound();
    }

    /// <summary>At any moment: nothing that was acknowledged is lost, nothing is in two places.</summary>
    public void Halfway()
    {
        // Read first: enqueuing goes on.
        var acknowledged = AckFile.ReadAll(fleet.Folder);
        var known = Rows(fleet.Jobs, "SELECT id FROM simmer_job UNION ALL SELECT id FROM simmer_history");
        known.Count.ShouldBe(known.Distinct().Count(), $"in the hot table and in the history; {story}");
        var kept = known.Concat(Pruned()).ToHashSet();
        acknowledged.Where(id => !kept.Contains(id.ToString())).ShouldBeEmpty($"acknowledged, and lost; {story}");
        new FlowAudit(fleet, story).Halfway();
        FilesAreSound();
    }

    public static long Number(string connection, string sql) => Convert.ToInt64(Text(connection, sql), CultureInfo.InvariantCulture);

    public static List<string> Rows(string connection, string sql)
    {
        using var open = Open(connection);
        using var command = open.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount)
                .Select(i => reader.GetValue(i) is byte[] id && id.Length == 16 ? new Guid(id, bigEndian: true) : reader.GetValue(i))));
        }

        return rows;
    }

    public static string Text(string connection, string sql)
    {
        using var open = Open(connection);
        using var command = open.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!;
    }

    public static string Unfinished(string folder) => string.Join("; ", Rows(
        WorkerLife.Jobs(folder),
        "SELECT count(*) || ' in state ' || state || ' of owner ' || coalesce(owner, 'none') || ', suspect ' || suspect || ', runs ' || "
            + "max(run) FROM simmer_job GROUP BY state, owner, suspect")
        .Concat(Rows(WorkerLife.Jobs(folder), "SELECT 'worker ' || id || ' ' || name || ' beats ' || beats FROM simmer_worker"))
        .Concat(Rows(WorkerLife.Jobs(folder), "SELECT 'upkeep lease ' || name || ' by ' || worker FROM simmer_upkeep_lease")));

    // A finished job has one row in the history, whose key is its id: exactly one final state.
    private void EveryAcknowledgedJobHasOneEnd()
    {
        var acknowledged = AckFile.ReadAll(fleet.Folder);
        (acknowledged.Count + AckFile.ReadAll(fleet.Folder, AckFile.Flows).Count).ShouldBeGreaterThan(0, story);
        var ended = Rows(fleet.Jobs, "SELECT id FROM simmer_history").Concat(Pruned()).ToHashSet();
        acknowledged.Where(id => !ended.Contains(id.ToString())).ShouldBeEmpty($"acknowledged, but without an end; {story}");
        Rows(fleet.Jobs,
            $"SELECT id FROM simmer_history WHERE state = 6 AND kind NOT IN (SELECT id FROM simmer_kind WHERE name = '{Doomed.Kind}')")
            .Except(expected.Failed.Select(static id => id.ToString())).ShouldBeEmpty($"failed; {story}");
        Ended(JobState.Cancelled).Except(AckFile.ReadAll(fleet.Folder, AckFile.Cancelled).Select(static id => id.ToString()))
            .ShouldBeEmpty($"cancelled, and nobody had asked; {story}");
        Number(fleet.Jobs, "SELECT count(*) FROM simmer_history WHERE state NOT IN (5, 6, 7) AND NOT (state = 8 AND step IS NOT NULL)")
            .ShouldBe(0, story);
    }

    private void NothingIsLeft()
    {
        foreach (var table in new[] { "simmer_job", "simmer_worker", "simmer_signal", "simmer_upkeep_lease",
            "simmer_error e WHERE NOT EXISTS(SELECT 1 FROM simmer_history h WHERE h.id = e.job)" })
        {
            Rows(fleet.Jobs, $"SELECT * FROM {table}").ShouldBeEmpty($"rows left in {table}; {story}");
        }
    }

    // A further run of a job needs an explanation: either a process that had the job has ended, which explains one run, or the handler
    // itself said that its attempt failed.
    private void EveryRunIsExplained()
    {
        var dead = string.Join(',',
            fleet.Workers.Where(static w => w.ExitCode != 0).Select(static w => w.Life.Life).Concat(expected.Excused).Append(-1));
        Effect("SELECT job, run FROM effect WHERE what = 'started' GROUP BY job, run HAVING count(*) > 1", "one run was executed twice");
        Effect($"SELECT job, run, life FROM effect s WHERE what = 'started' AND life NOT IN ({dead}) AND NOT EXISTS(SELECT 1 FROM effect "
            + "e WHERE e.job = s.job AND e.run = s.run AND e.what IN ('done', 'threw', 'stopped'))",
            "began and did not end, although its process lived");
        Effect($"SELECT job, run, life FROM effect s WHERE what = 'done' AND life NOT IN ({dead}) AND EXISTS(SELECT 1 FROM effect l "
            + "WHERE l.job = s.job AND l.what = 'started' AND l.run > s.run)", "done, and run again although its process lived");
        Effect($"SELECT job, run, life FROM effect WHERE what = 'refused' AND life NOT IN ({dead})",
            "the store refused an end although the process lived");

        using var both = Open(fleet.Jobs);
        using var attach = both.CreateCommand();
        attach.CommandText =
            $"ATTACH '{Path.Combine(fleet.Folder, "effects.db")}' AS f; CREATE TEMP TABLE h AS SELECT *, {IdText("id")} AS text FROM "
                + $"simmer_history; CREATE TEMP TABLE l AS SELECT *, {IdText("job")} AS text FROM simmer_error WHERE type = "
                + $"'{ErrorTypes.LeaseLost}'";
        _ = attach.ExecuteNonQuery();
        None(both,
            $"SELECT text, run FROM h WHERE state = 5 AND NOT EXISTS(SELECT 1 FROM f.effect e WHERE e.job = h.text AND e.run = h.run AND "
            + $"e.what = 'done') AND kind NOT IN (SELECT id FROM simmer_kind WHERE name = '{Leaf.Kind}')",
            "succeeded by a run that did not do the work");
        None(both,
            $"SELECT DISTINCT e.job FROM f.effect e WHERE kind NOT IN ('brief', '{Fleeting.Kind}') AND e.what = 'done' AND NOT "
            + "EXISTS(SELECT 1 FROM h WHERE h.text = e.job)", "ran, but the store knows nothing of it");
        None(both, "SELECT e.job, e.run FROM f.effect e JOIN h ON h.text = e.job WHERE e.run > h.run", "a run after the last");
        None(both,
            $"SELECT text, run FROM l WHERE EXISTS(SELECT 1 FROM f.effect e WHERE e.job = l.text AND e.run = l.run AND e.life NOT IN "
            + $"({dead}))", "rescued from a process that lived");
    }

    // The row and the end of its job were one commit.
    private void EveryExactEffectIsThereOnce()
    {
        var done = Rows(fleet.Jobs,
            $"SELECT id, run FROM simmer_history WHERE state = 5 AND kind = (SELECT id FROM simmer_kind WHERE name = '{Exact.Kind}')");
        (done.Count == 0 ? [] : Rows(fleet.Jobs, "SELECT job, run FROM exact"))
            .ShouldBe(done, ignoreOrder: true, $"effects of jobs that were to have them exactly once; {story}");
    }

    private void FilesAreSound()
    {
        Text(fleet.Jobs, "PRAGMA integrity_check").ShouldBe("ok", story);
        Text(fleet.Effects, "PRAGMA integrity_check").ShouldBe("ok", story);
    }

    // Jobs that are kept for a second only are gone from the store, but their handlers have noted that they did the work.
    private List<string> Pruned() => Rows(fleet.Effects, "SELECT DISTINCT job FROM effect WHERE kind = 'brief' AND what = 'done'");

    private List<string> Ended(JobState state) => Rows(fleet.Jobs, $"SELECT id FROM simmer_history WHERE state = {(int)state}");

    private void Effect(string sql, string otherwise) => Rows(fleet.Effects, sql).ShouldBeEmpty($"{otherwise}; {story}");

    private void None(SqliteConnection open, string sql, string otherwise)
    {
        using var command = open.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var found = reader.Read() ? $"{reader.GetValue(0)}" : null;
        found.ShouldBeNull($"{otherwise}; {story}");
    }

    private static string IdText(string column) =>
        $"lower(substr(hex({column}),1,8)||'-'||substr(hex({column}),9,4)||'-'||substr(hex("
            + $"{column}),13,4)||'-'||substr(hex({column}),17,4)||'-'||substr(hex({column}),21))";

    private static SqliteConnection Open(string connection)
    {
        var open = new SqliteConnection(connection);
        open.Open();
        using var command = open.CreateCommand();
        command.CommandText = "CREATE INDEX IF NOT EXISTS effect_job ON effect(job, run)";
        if (connection.Contains("effects.db", StringComparison.Ordinal))
        {
            _ = command.ExecuteNonQuery();
        }

        return open;
    }
}
