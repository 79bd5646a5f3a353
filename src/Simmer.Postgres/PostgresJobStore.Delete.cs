namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string DeleteSql = """
        WITH hot AS (DELETE FROM simmer.job WHERE id = ANY($1) AND state <> 4 AND step IS NULL RETURNING id),
        old AS (DELETE FROM simmer.history h WHERE h.id = ANY($1) AND h.step IS NULL AND NOT EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = h.id) RETURNING id),
        gone AS (SELECT id FROM hot UNION SELECT id FROM old),
        errors AS (DELETE FROM simmer.error e USING gone WHERE e.job = ANY(ARRAY[gone.id]))
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
