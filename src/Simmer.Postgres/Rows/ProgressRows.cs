using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>What running jobs have reported, in a table of its own.</summary>
internal static class ProgressRows
{
    /// <summary>Joins what a running job has reported to its row j.</summary>
    public const string Join = "LEFT JOIN simmer.progress p ON p.job = ANY(ARRAY[j.id]) AND p.run = j.run";

    /// <summary>The version of a job j with what it has reported: each report counts.</summary>
    public const string Version =
        "greatest(j.version, least(j.version::bigint + least(greatest(coalesce(p.notes, 0), 0), 1000000000), 2147483646))::int";

    // The job's own row is locked and not written to: a transaction with a snapshot could not end a job whose row has changed since. For a
    // row that another transaction holds nothing is noted: the next report says more, and its settlement carries the last one.
    private const string NoteSql = $"""
        WITH n AS MATERIALIZED (
          SELECT t.* FROM unnest($2::uuid[], $3::int[], $4::float8[], $5::text[], $6::boolean[]) AS t(id, run, progress, progress_text,
              stuck) JOIN simmer.job j ON j.id = ANY(ARRAY[t.id])
          WHERE j.run = t.run AND j.owner = $1 AND j.state = {JobStates.Running} FOR KEY SHARE OF j SKIP LOCKED)
        INSERT INTO simmer.progress AS p(job, run, notes, progress, progress_text, stuck) SELECT id, run, 1, progress, progress_text, stuck
            FROM n
        ON CONFLICT (job) DO UPDATE SET run = excluded.run, stuck = excluded.stuck,
          notes = CASE WHEN p.run = excluded.run THEN least(greatest(p.notes, 0), 999999999) + 1 ELSE 1 END,
          progress = CASE WHEN p.run = excluded.run THEN coalesce(excluded.progress, p.progress) ELSE excluded.progress END,
          progress_text = CASE WHEN p.run = excluded.run THEN coalesce(excluded.progress_text, p.progress_text)
              ELSE excluded.progress_text END
        """;

    // Moves the report into the job's row, where its end finds it. The report of another run stays.
    private const string TakeSql = $"""
        WITH p AS (DELETE FROM simmer.progress n USING unnest($1::uuid[], $2::int[]) AS t(job, run) WHERE n.job = ANY(ARRAY[t.job])
            AND n.run = t.run RETURNING n.job, n.run, n.notes, n.progress, n.progress_text)
        UPDATE simmer.job j SET progress = coalesce(p.progress, j.progress), progress_text = coalesce(p.progress_text, j.progress_text),
            version = {Version}
        FROM p WHERE j.id = ANY(ARRAY[p.job]) AND j.run = p.run
        """;

    // Writes the report from memory, for a transaction with a snapshot: it cannot read what was reported since the snapshot was taken. The
    // version counts one report more than was sent, because another may be on its way.
    private const string KeepSql = $"""
        UPDATE simmer.job SET progress = coalesce($4, progress), progress_text = coalesce($5, progress_text),
            version = greatest(version, least(version::bigint + $6 + 1, 2147483646))::int
        WHERE id = $1 AND run = $2 AND owner = $3 AND state = {JobStates.Running}
        """;

    /// <summary>Deletes reports that the end of their job could not take along.</summary>
    public const string PruneSql = """
        DELETE FROM simmer.progress
            WHERE job = ANY(ARRAY(SELECT p.job FROM simmer.progress p
            WHERE NOT EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = ANY(ARRAY[p.job]) AND j.run = p.run) LIMIT $1
            FOR UPDATE OF p SKIP LOCKED))
        """;

    /// <summary>Notes what was reported under leases of a worker.</summary>
    public static void Note(SqlBatch batch, IReadOnlyList<ProgressNote> notes, long worker)
    {
        if (notes.Count > 0)
        {
            _ = batch.Add(NoteSql).Bind(worker)
                .BindIds(notes, static n => n.Token.Id.Value)
                .BindAllInts(notes, static n => n.Token.Run)
                .BindDoubles(notes, static n => n.Fraction)
                .BindTexts(notes, static n => n.Text)
                .BindFlags(notes, static n => n.Stuck);
        }
    }

    /// <summary>Takes along what was reported under leases that end in this transaction.</summary>
    public static void Take(SqlBatch batch, IReadOnlyList<LeaseToken> noted)
    {
        if (noted.Count > 0)
        {
            _ = batch.Add(TakeSql).BindIds(noted, static t => t.Id.Value).BindAllInts(noted, static t => t.Run);
        }
    }

    /// <summary>Writes what was reported into the job's row, from memory.</summary>
    /// <param name="batch">Takes the statement, behind the lock of the job's row.</param>
    /// <param name="token">The lease that ends.</param>
    /// <param name="worker">Whose it is.</param>
    /// <param name="noted">What was reported; without a fraction or a text those that the row has stay.</param>
    public static void Keep(SqlBatch batch, LeaseToken token, long worker, NotedJob noted) =>
        batch.Add(KeepSql).Bind(token.Id).Bind(token.Run).Bind(worker).Bind(noted.Fraction).Bind(noted.Text).Bind((long)noted.Notes);
}
