using NpgsqlTypes;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Sets a job aside that cannot be read, claimed or taken back. It is visible with the reason, and holds up no other
/// job.</summary>
internal static class SetAside
{
    // Counters stay within their columns: one that is at its end may be what is wrong. The row is one that was claimed just now by this
    // worker ($6), or that still waits for a claim. A suspect stays one; one whose worker died under it has its next level ($8) and may
    // have spent its attempt ($9).
    private const string Sql = $"""
        WITH aside AS (
          UPDATE simmer.job SET state = {JobStates.Scheduled}, due_at = $3, ready_at = NULL, owner = NULL,
            suspect = suspect OR $8 > 0, suspicion = CASE WHEN $8 > 0 THEN $8 ELSE suspicion END, stuck = false,
            version = least(version, 2147483646) + 1, errors = least(errors, 2147483646) + 1,
            forgiven = CASE WHEN state = {JobStates.Running} AND NOT $9 THEN least(forgiven, 2147483646) + 1 ELSE forgiven END
          WHERE id = $1 AND ((state = {JobStates.Running} AND coalesce(owner, 0) = $6) OR state IN {JobStates.Claimable})
              RETURNING id, run, errors),
        old AS (DELETE FROM simmer.error e USING aside WHERE e.job = ANY(ARRAY[aside.id]) AND e.n <= aside.errors - $7)
        INSERT INTO simmer.error(job, n, run, attempt, at, type, message) SELECT id, errors, run, 0, $2, $4, $5 FROM aside
        ON CONFLICT (job, n) DO UPDATE
            SET run = excluded.run, attempt = excluded.attempt, at = excluded.at, type = excluded.type, message = excluded.message,
            detail = NULL
        """;

    /// <summary>Puts a job off.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="id">The job.</param>
    /// <param name="worker">Who owns it, if it runs.</param>
    /// <param name="reason">Why; it may quote what the row holds.</param>
    /// <param name="now">The present time.</param>
    /// <param name="until">When it is looked at again.</param>
    /// <param name="level">Its level as a suspect, if its worker died under it; 0: it stays as it is.</param>
    /// <param name="spends">Whether that has cost it an attempt.</param>
    public static Task WriteAsync(Session session, JobId id, WorkerId worker, string reason, DateTimeOffset now, DateTimeOffset until,
        int level = 0, bool spends = false) => session.Batch().Add(Sql)
        .Bind(id).Bind(DbTime.Of(now)).Bind(DbTime.Of(until)).Bind(ErrorTypes.Unreadable).Bind(CleanText.Ascii(reason)).Bind(worker.Value)
        .Bind(StoreRules.ErrorsKept).Bind((short)level, NpgsqlDbType.Smallint).Bind(spends).RunAsync();
}
