using System.Text.Json;
using Simmer.Load.Running;

namespace Simmer.Load.Baselines;

/// <summary>The way of a plain job table: a transaction to insert, one to claim, one to delete (and to keep). One after the other on one
/// connection: several would only wait for each other.</summary>
internal static class PlainTable
{
    private const int Waiting = 20_000;

    public static double Rate(RawSqlite db, bool keep, Shape shape, Steps steps, TimeSpan duration)
    {
        db.Execute("""
            CREATE TABLE job(id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, kind TEXT NOT NULL, state INTEGER NOT NULL,
                priority INTEGER NOT NULL, run_at INTEGER NOT NULL, lease_until INTEGER, payload BLOB NOT NULL);
            CREATE INDEX job_ready ON job(queue, priority, run_at, id) WHERE state = 0;
            CREATE TABLE history(n INTEGER PRIMARY KEY, id INTEGER NOT NULL, kind TEXT NOT NULL, finished_at INTEGER NOT NULL,
                payload BLOB NOT NULL);
            """);
        using var insert = db.Prepare("INSERT INTO job(queue, kind, state, priority, run_at, payload) VALUES(1, 'tick', 0, 0, ?1, ?2)");
        using var claim = db.Prepare("""
            UPDATE job SET state = 1, lease_until = ?1
                WHERE id = (SELECT id FROM job WHERE queue = 1 AND state = 0 AND run_at <= ?1 ORDER BY priority, run_at, id LIMIT 1)
            RETURNING id, payload
            """);
        using var begin = db.Prepare("BEGIN IMMEDIATE");
        using var commit = db.Prepare("COMMIT");
        using var toHistory = db
            .Prepare("INSERT INTO history(id, kind, finished_at, payload) SELECT id, kind, ?2, payload FROM job WHERE id = ?1");
        using var delete = db.Prepare("DELETE FROM job WHERE id = ?1 AND state = 1");
        var payload = JsonSerializer.SerializeToUtf8Bytes(shape.Tick(), JsonSerializerOptions.Web);
        if (!steps.HasFlag(Steps.Enqueue))
        {
            begin.Run();
            for (var i = 0; i < Waiting; i++)
            {
                Insert();
            }

            commit.Run();
        }

        return Baseline.Rate(duration, () =>
        {
            if (steps.HasFlag(Steps.Enqueue))
            {
                Insert();
            }

            return !steps.HasFlag(Steps.Run) || RunOne() ? 1 : 0;
        });

        void Insert() => insert.Bind(1, 1).Bind(2, payload).Run();

        bool RunOne()
        {
            if (!claim.Bind(1, 2).Step())
            {
                return false;
            }

            var id = claim.Long(0);
            _ = claim.Blob(1);
            claim.Run();
            Works.DoAsync(shape.Work).GetAwaiter().GetResult();
            begin.Run();
            if (keep)
            {
                toHistory.Bind(1, id).Bind(2, 3).Run();
            }

            delete.Bind(1, id).Run();
            commit.Run();
            return true;
        }
    }
}
