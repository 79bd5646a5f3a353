using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string EndingColumns =
        "id, state, forgiven, errors, started, keep_until, progress, progress_text, reason, result, branch, first_added, added";

    private const string EndingArrays =
        "$2::uuid[], $3::int[], $4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::float8[], $9::text[], $10::text[], $11::bytea[], "
            + "$12::text[], $13::int[], $14::int[]";

    // The row is moved inside the server: payload, tags and trace never come up.
    private const string MovedRow = """
        j.id, j.queue, j.kind, f.state, j.rank, j.run, coalesce(f.forgiven, j.forgiven) AS forgiven, j.max_attempts,
            j.version + 1 AS version, coalesce(f.errors, j.errors) AS errors, j.enqueued_at,
          coalesce(f.started, j.started_at) AS started_at, f.keep_until, j.expires_at, j.time_limit, j.unique_key, j.held_while,
              coalesce(f.progress, j.progress) AS progress,
          coalesce(f.progress_text, j.progress_text) AS progress_text, CASE WHEN f.state = 7 THEN coalesce(f.reason, j.reason)
              ELSE f.reason END AS reason, j.tags, j.trace_parent, j.trace_state, j.payload, f.result,
          j.step, j.pending, j.outcomes, f.branch, f.first_added, f.added, j.cancel_requested
        """;

    private const string ToHistory = """
        INSERT INTO simmer.history(id, queue, kind, state, rank, run, forgiven, max_attempts, version, errors, enqueued_at, started_at,
            finished_at, keep_until, expires_at, time_limit, unique_key, held_while,
          progress, progress_text, reason, tags, trace_parent, trace_state, payload, result, step, pending, outcomes, branch, first_added,
              added)
        SELECT id, queue, kind, state, rank, run, forgiven, max_attempts, version, errors, enqueued_at, started_at, $1, keep_until,
            expires_at, time_limit, unique_key, held_while,
          progress, progress_text, reason, tags, trace_parent, trace_state, payload, result, step, pending, outcomes, branch, first_added,
              added
        FROM gone WHERE keep_until IS NOT NULL
        """;

    // For rows that this transaction has locked. An id that was not asked for in the history may be there; of two rows the later counts.
    private const string FinishSql = $"""
        WITH gone AS (DELETE FROM simmer.job j USING unnest({EndingArrays}) AS f({EndingColumns}) WHERE j.id = ANY(ARRAY[f.id])
            RETURNING {MovedRow})
        {ToHistory}
        ON CONFLICT DO NOTHING
        """;

    // The same for leases that are yet to be proven. A row that is in the way in the history fails the statement, and the flush goes the
    // careful way: looking for it takes an eighth of the time.
    private const string EndKeptSql = $"""
        WITH gone AS (
          DELETE FROM simmer.job j USING unnest({EndingArrays}, $15::int[]) AS f({EndingColumns}, run)
          WHERE j.id = ANY(ARRAY[f.id]) AND j.run = f.run AND j.owner = $16 AND j.state = 4 AND j.step IS NULL RETURNING {MovedRow}),
        kept AS ({ToHistory})
        SELECT id, cancel_requested FROM gone
        """;

    /// <summary>Takes rows out of the hot table, and into the history if they are kept.</summary>
    internal static void Finish(SqlBatch batch, IReadOnlyList<Ending> endings, DateTimeOffset now) =>
        Bind(batch.Add(FinishSql), endings, now);

    private static SqlBatch Bind(SqlBatch batch, IReadOnlyList<Ending> endings, DateTimeOffset now) => batch
        .Bind(DbTime.Of(now))
        .BindIds(endings, static e => e.Id.Value)
        .BindAllInts(endings, static e => (int)e.State)
        .BindInts(endings, static e => e.Forgiven)
        .BindInts(endings, static e => e.Errors)
        .BindLongs(endings, static e => e.StartedAt == default ? null : DbTime.Of(e.StartedAt))
        .BindLongs(endings, e => e.KeepUntil(now))
        .BindDoubles(endings, static e => e.Progress?.Fraction)
        .BindTexts(endings, static e => e.Progress?.Text)
        .BindTexts(endings, static e => e.Reason)
        .BindBytes(endings, static e => e.Result)
        .BindTexts(endings, static e => e.Branch)
        .BindInts(endings, static e => e.Added > 0 ? e.FirstAdded : null)
        .BindInts(endings, static e => e.Added > 0 ? e.Added : null);
}
