using Microsoft.Data.Sqlite;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>Compares, when all is quiet, what was acknowledged, what the store says and what the handlers did.</summary>
internal static class Audit
{
    public static void Check(string folder, IReadOnlyCollection<int> killed, string story)
    {
        var jobs = WorkerLife.Jobs(folder);
        EveryAcknowledgedJobSucceeded(folder, jobs, story);
        NothingIsLeft(jobs, story);
        EffectsExplained(folder, killed, story);
        Text(jobs, "PRAGMA integrity_check").ShouldBe("ok", story);
        Text(WorkerLife.Effects(folder), "PRAGMA integrity_check").ShouldBe("ok", story);
    }

    public static long Number(string connection, string sql) => Convert.ToInt64(Text(connection, sql), System.Globalization.CultureInfo.InvariantCulture);

    public static List<string> Rows(string connection, string sql)
    {
        using var open = Open(connection);
        using var command = open.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i) is byte[] id && id.Length == 16 ? new Guid(id, bigEndian: true) : reader.GetValue(i))));
        }

        return rows;
    }

    public static string Unfinished(string folder) => string.Join("; ", Rows(
        WorkerLife.Jobs(folder),
        "SELECT count(*) || ' in state ' || state || ' of owner ' || coalesce(owner, 'none') || ', suspect ' || suspect || ', runs ' || max(run) FROM simmer_job GROUP BY state, owner, suspect")
        .Concat(Rows(WorkerLife.Jobs(folder), "SELECT 'worker ' || id || ' ' || name || ' beats ' || beats FROM simmer_worker"))
        .Concat(Rows(WorkerLife.Jobs(folder), "SELECT 'hold ' || name || ' by ' || worker FROM simmer_hold")));

    // A finished job has one row in the history, whose key is its id: exactly one final state.
    private static void EveryAcknowledgedJobSucceeded(string folder, string jobs, string story)
    {
        var acknowledged = AckFile.ReadAll(folder);
        var succeeded = Rows(jobs, "SELECT id FROM simmer_history WHERE state = 5").ToHashSet();
        acknowledged.Count.ShouldBeGreaterThan(0, story);
        acknowledged.Distinct().Count().ShouldBe(acknowledged.Count, story);
        acknowledged.Where(id => !succeeded.Contains(id.ToString())).ShouldBeEmpty($"acknowledged, but not succeeded; {story}");
        Number(jobs, "SELECT count(*) FROM simmer_history WHERE state <> 5").ShouldBe(0, story);
    }

    private static void NothingIsLeft(string jobs, string story)
    {
        foreach (var table in new[] { "simmer_job", "simmer_worker", "simmer_signal", "simmer_hold", "simmer_error e WHERE NOT EXISTS(SELECT 1 FROM simmer_history h WHERE h.id = e.job)" })
        {
            Number(jobs, $"SELECT count(*) FROM {table}").ShouldBe(0, $"rows left in {table}; {story}");
        }
    }

    private static void EffectsExplained(string folder, IReadOnlyCollection<int> killed, string story)
    {
        var effects = WorkerLife.Effects(folder);
        var finished = Rows(WorkerLife.Jobs(folder), "SELECT id FROM simmer_history").ToHashSet();
        var done = Rows(effects, "SELECT DISTINCT job FROM effect WHERE done = 1").ToHashSet();
        finished.Where(id => !done.Contains(id)).ShouldBeEmpty($"succeeded, but its work was never done; {story}");
        done.Where(id => !finished.Contains(id)).ShouldBeEmpty($"ran, but the store knows nothing of it; {story}");

        // A run that was followed by another must have been cut short by a kill, before or just after its end.
        var dead = killed.Count == 0 ? "-1" : string.Join(',', killed);
        Rows(effects, $"""
            SELECT job, life FROM effect s WHERE done = 0 AND life NOT IN ({dead})
              AND EXISTS(SELECT 1 FROM effect l WHERE l.job = s.job AND l.done = 0 AND l.n > s.n)
            """).ShouldBeEmpty($"ran again although its process lived; {story}");
        Rows(effects, "SELECT job, life, count(*) FROM effect WHERE done = 0 GROUP BY job, life HAVING count(*) > 1").ShouldBeEmpty($"ran twice in one process; {story}");
    }

    private static string Text(string connection, string sql)
    {
        using var open = Open(connection);
        using var command = open.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture)!;
    }

    private static SqliteConnection Open(string connection)
    {
        var open = new SqliteConnection(connection);
        open.Open();
        using var command = open.CreateCommand();
        command.CommandText = "CREATE INDEX IF NOT EXISTS effect_job ON effect(job)";
        if (connection.Contains("effects.db", StringComparison.Ordinal))
        {
            _ = command.ExecuteNonQuery();
        }

        return open;
    }
}
