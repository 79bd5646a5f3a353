using System.Diagnostics;
using System.Text.Json;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>What SQLite gives without Simmer, measured between Simmer's rounds: the disk and the neighbours are the same for all three.</summary>
internal static class Baselines
{
    private const int BatchSize = 1_000;

    private static readonly byte[] s_payload = JsonSerializer.SerializeToUtf8Bytes(new Tick(1, Tick.Filler), JsonSerializerOptions.Web);

    /// <summary>The way of a plain job table: a transaction to insert, one to claim, one to delete (and to keep).</summary>
    public static double OnePerOperation(bool full, bool keep, TimeSpan duration) => OnFile(full, db =>
    {
        db.Execute("""
            CREATE TABLE job(id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, kind TEXT NOT NULL, state INTEGER NOT NULL, priority INTEGER NOT NULL, run_at INTEGER NOT NULL, lease_until INTEGER, payload BLOB NOT NULL);
            CREATE INDEX job_ready ON job(queue, priority, run_at, id) WHERE state = 0;
            CREATE TABLE history(n INTEGER PRIMARY KEY, id INTEGER NOT NULL, kind TEXT NOT NULL, finished_at INTEGER NOT NULL, payload BLOB NOT NULL);
            """);
        using var insert = db.Prepare("INSERT INTO job(queue, kind, state, priority, run_at, payload) VALUES(1, 'tick', 0, 0, ?1, ?2)");
        using var claim = db.Prepare("""
            UPDATE job SET state = 1, lease_until = ?1 WHERE id = (SELECT id FROM job WHERE queue = 1 AND state = 0 AND run_at <= ?1 ORDER BY priority, run_at, id LIMIT 1)
            RETURNING id, payload
            """);
        using var begin = db.Prepare("BEGIN IMMEDIATE");
        using var commit = db.Prepare("COMMIT");
        using var toHistory = db.Prepare("INSERT INTO history(id, kind, finished_at, payload) SELECT id, kind, ?2, payload FROM job WHERE id = ?1");
        using var delete = db.Prepare("DELETE FROM job WHERE id = ?1 AND state = 1");
        return Rate(duration, () =>
        {
            insert.Bind(1, 1).Bind(2, s_payload).Run();
            _ = claim.Bind(1, 2).Step();
            var id = claim.Long(0);
            _ = claim.Blob(1);
            claim.Run();
            begin.Run();
            if (keep)
            {
                toHistory.Bind(1, id).Bind(2, 3).Run();
            }

            delete.Bind(1, id).Run();
            commit.Run();
            return 1;
        });
    });

    /// <summary>The least that a durable job can cost: two columns, in and out again by the thousand, in one transaction.</summary>
    public static double Ceiling(bool full, bool keep, TimeSpan duration) => OnFile(full, db =>
    {
        db.Execute("CREATE TABLE job(id INTEGER PRIMARY KEY, payload BLOB NOT NULL); CREATE TABLE history(n INTEGER PRIMARY KEY, payload BLOB NOT NULL)");
        using var insert = db.Prepare("INSERT INTO job(payload) VALUES(?1)");
        using var select = db.Prepare("SELECT id, payload FROM job ORDER BY id LIMIT ?1");
        using var toHistory = db.Prepare("INSERT INTO history(payload) SELECT payload FROM job WHERE id BETWEEN ?1 AND ?2");
        using var delete = db.Prepare("DELETE FROM job WHERE id BETWEEN ?1 AND ?2");
        return Rate(duration, () =>
        {
            db.Execute("BEGIN IMMEDIATE");
            for (var i = 0; i < BatchSize; i++)
            {
                insert.Bind(1, s_payload).Run();
            }

            _ = select.Bind(1, BatchSize);
            var (first, last, count) = (long.MaxValue, 0L, 0);
            while (select.Step())
            {
                (first, last, count) = (Math.Min(first, select.Long(0)), select.Long(0), count + 1);
                _ = select.Blob(1);
            }

            if (keep)
            {
                toHistory.Bind(1, first).Bind(2, last).Run();
            }

            delete.Bind(1, first).Bind(2, last).Run();
            db.Execute("COMMIT");
            return count;
        });
    });

    private static double Rate(TimeSpan duration, Func<int> work)
    {
        var (began, count) = (Stopwatch.GetTimestamp(), 0L);
        while (Stopwatch.GetElapsedTime(began) < duration)
        {
            count += work();
        }

        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static double OnFile(bool full, Func<RawSqlite, double> measure)
    {
        var folder = Directory.CreateTempSubdirectory("simmer-base").FullName;
        try
        {
            using var db = new RawSqlite(Path.Combine(folder, "base.db"), full);
            return measure(db);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
