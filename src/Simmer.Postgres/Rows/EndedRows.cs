using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Takes rows of jobs that end out of the job table, and into the history if they are kept. A row is moved inside of the server:
/// its payload, tags and trace never come up.</summary>
internal static class EndedRows
{
    private const string EndingColumns =
        "id, state, forgiven, errors, started, keep_until, progress, progress_text, reason, result, branch, first_added, added";

    private const string EndingArrays =
        "$2::uuid[], $3::int[], $4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::float8[], $9::text[], $10::text[], $11::bytea[], "
            + "$12::text[], $13::int[], $14::int[]";

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

    // For leases that are yet to be proven. If the history has a row of the same id already, the statement fails, and the flush is sent
    // once more behind savepoints. Looking for such rows here would make the end of every job slower by an eighth.
    private static readonly string s_endKept = $"""
        WITH gone AS (
          DELETE FROM simmer.job j USING unnest({EndingArrays}, $15::int[]) AS f({EndingColumns}, run)
          WHERE j.id = ANY(ARRAY[f.id]) AND j.run = f.run AND j.owner = $16 AND j.state = {JobStates.Running} AND j.step IS NULL
              RETURNING {JobColumns.Moved}, j.cancel_requested),
        kept AS ({s_toHistory})
        SELECT id, cancel_requested FROM gone
        """;

    // What nearly every job comes to where nothing is kept: the lease is checked and the row deleted in one statement.
    private const string EndUnkeptSql = $"""
        DELETE FROM simmer.job j USING unnest($2::uuid[], $3::int[]) AS f(id, run)
        WHERE j.id = ANY(ARRAY[f.id]) AND j.run = f.run AND j.owner = $1 AND j.state = {JobStates.Running} AND j.step IS NULL
            RETURNING j.id, j.cancel_requested
        """;

    // Errors of earlier attempts, of jobs that were settled without being kept. A job that another worker holds now, or has kept, has its
    // errors still.
    private const string DropErrorsOfGoneSql = """
        DELETE FROM simmer.error e WHERE e.job = ANY($1) AND NOT EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = ANY(ARRAY[e.job]))
            AND NOT EXISTS(SELECT 1 FROM simmer.history h WHERE h.id = ANY(ARRAY[e.job]))
        """;

    /// <summary>Moves rows that this transaction has locked.</summary>
    public static void Finish(SqlBatch batch, IReadOnlyList<Ending> endings, DateTimeOffset now) =>
        Bind(batch.Add(s_finish), endings, now);

    /// <summary>Moves rows whose leases are proven by the statement itself: of jobs that are no steps and are kept.</summary>
    /// <param name="batch">Takes the statement.</param>
    /// <param name="endings">The ends, with their runs.</param>
    /// <param name="worker">Who must hold the leases.</param>
    /// <param name="now">The present time.</param>
    /// <param name="ended">Told of each that had its lease: the id, and whether a cancel was asked for.</param>
    public static void EndKept(SqlBatch batch, IReadOnlyList<Ending> endings, long worker, DateTimeOffset now,
        Action<NpgsqlDataReader> ended) =>
        Bind(batch.Add(s_endKept), endings, now).BindAllInts(endings, static e => e.Run).Bind(worker).Each(ended);

    /// <summary>The same for jobs of which nothing is kept.</summary>
    public static void EndUnkept(SqlBatch batch, IReadOnlyList<LeaseToken> tokens, long worker, Action<NpgsqlDataReader> ended) => batch
        .Add(EndUnkeptSql).Bind(worker).BindIds(tokens, static t => t.Id.Value).BindAllInts(tokens, static t => t.Run).Each(ended);

    /// <summary>Drops the errors of those that are gone by now.</summary>
    public static void DropErrorsOfGone(SqlBatch batch, IReadOnlyList<JobId> jobs) =>
        batch.Add(DropErrorsOfGoneSql).BindIds(jobs, static id => id.Value);

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
