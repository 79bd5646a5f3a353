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
    private static readonly string s_toHistory = $"""
        INSERT INTO simmer.history({JobColumns.History})
        SELECT {JobColumns.HistoryValues} FROM gone WHERE keep_until IS NOT NULL
        """;

    // For rows that this transaction has locked. An id that was not asked for in the history may be there; of two rows the later counts.
    private static readonly string s_finish = $"""
        WITH gone AS (DELETE FROM simmer.job j USING unnest({EndingArrays}) AS f({EndingColumns}) WHERE j.id = ANY(ARRAY[f.id])
            RETURNING {JobColumns.Moved})
        {s_toHistory}
        ON CONFLICT DO NOTHING
        """;

    // The same for leases that are yet to be proven. A row that is in the way in the history fails the statement, and the flush goes the
    // careful way: looking for it takes an eighth of the time.
    private static readonly string s_endKept = $"""
        WITH gone AS (
          DELETE FROM simmer.job j USING unnest({EndingArrays}, $15::int[]) AS f({EndingColumns}, run)
          WHERE j.id = ANY(ARRAY[f.id]) AND j.run = f.run AND j.owner = $16 AND j.state = 4 AND j.step IS NULL
              RETURNING {JobColumns.Moved}, j.cancel_requested),
        kept AS ({s_toHistory})
        SELECT id, cancel_requested FROM gone
        """;

    /// <summary>Takes rows out of the hot table, and into the history if they are kept.</summary>
    internal static void Finish(SqlBatch batch, IReadOnlyList<Ending> endings, DateTimeOffset now) =>
        Bind(batch.Add(s_finish), endings, now);

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
