namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // What says that it is a step and has no workflow is damaged: nobody reads it, and no workflow takes it along.
    private const string DeleteSql = """
        WITH hot AS (DELETE FROM simmer.job j WHERE id = ANY($1) AND state <> 4
            AND (step IS NULL OR NOT EXISTS(SELECT 1 FROM simmer.workflow w WHERE w.id = (left(replace(j.id::text, '-', ''), 26) || '000000')::uuid)) RETURNING id),
        old AS (DELETE FROM simmer.history h WHERE h.id = ANY($1) AND (h.step IS NULL OR NOT EXISTS(SELECT 1 FROM simmer.workflow w WHERE w.id = (left(replace(h.id::text, '-', ''), 26) || '000000')::uuid)) AND NOT EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = h.id) RETURNING id),
        gone AS (SELECT id FROM hot UNION SELECT id FROM old),
        errors AS (DELETE FROM simmer.error e USING gone WHERE e.job = ANY(ARRAY[gone.id])),
        notes AS (DELETE FROM simmer.progress p USING gone WHERE p.job = ANY(ARRAY[gone.id]))
        SELECT count(*) FROM gone
        """;

    /// <inheritdoc/>
    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken) =>
        Operate(async session =>
        {
            var deleted = 0L;
            await session.Batch().Add(DeleteSql).BindIds(ids, static id => id.Value).Each(row => deleted = row.GetInt64(0)).RunAsync();
            return (int)deleted;
        }, cancellationToken, ids.Count);
}
