using System.Text.Json;
using Simmer.Load.Running;

namespace Simmer.Load.Baselines;

/// <summary>The least that a durable job can cost: two columns, in and out again by the thousand (less where they are large), in one
/// transaction.</summary>
internal static class TwoColumns
{
    private const int MostJobs = 1_000;

    // More bytes than SQLite's page cache holds would be slower, and then this would be no ceiling.
    private const int MostBytes = 2_000_000;
    private const int WaitingBatches = 200;

    public static double Rate(RawSqlite db, bool keep, Shape shape, Steps steps, TimeSpan duration)
    {
        db.Execute("CREATE TABLE job(id INTEGER PRIMARY KEY, payload BLOB NOT NULL); CREATE TABLE history(n INTEGER PRIMARY KEY, payload "
            + "BLOB NOT NULL)");
        var batch = Math.Min(MostJobs, MostBytes / shape.PayloadBytes);
        using var insert = db.Prepare("INSERT INTO job(payload) VALUES(?1)");
        using var select = db.Prepare("SELECT id, payload FROM job ORDER BY id LIMIT ?1");
        using var toHistory = db.Prepare("INSERT INTO history(payload) SELECT payload FROM job WHERE id BETWEEN ?1 AND ?2");
        using var delete = db.Prepare("DELETE FROM job WHERE id BETWEEN ?1 AND ?2");
        var payload = JsonSerializer.SerializeToUtf8Bytes(shape.Tick(), JsonSerializerOptions.Web);
        if (!steps.HasFlag(Steps.Enqueue))
        {
            InTransaction(() => Insert(WaitingBatches * batch));
        }

        return Baseline.Rate(duration, () => InTransaction(() =>
        {
            var count = steps.HasFlag(Steps.Enqueue) ? Insert(batch) : 0;
            return steps.HasFlag(Steps.Run) ? Run() : count;
        }));

        int InTransaction(Func<int> work)
        {
            db.Execute("BEGIN IMMEDIATE");
            var done = work();
            db.Execute("COMMIT");
            return done;
        }

        int Insert(int count)
        {
            for (var i = 0; i < count; i++)
            {
                insert.Bind(1, payload).Run();
            }

            return count;
        }

        int Run()
        {
            _ = select.Bind(1, batch);
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
            return count;
        }
    }
}
