using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Finds running jobs by their owner, by scans that hold up nothing, however long they take.</summary>
/// <remarks>There is no index on the owner, which would cost every job: five million rows take under a second from memory, and that
/// happens hardly ever.</remarks>
internal static class OwnedRuns
{
    /// <summary>How many of them are taken back in one transaction.</summary>
    public const int BatchSize = 500;

    private const string OwnedBySql = $"SELECT id, run, owner FROM simmer.job WHERE state = {JobStates.Running} AND owner = ANY($1)";

    private const string OrphansSql =
        $"SELECT j.id, j.run, coalesce(j.owner, 0) FROM simmer.job j WHERE j.state = {JobStates.Running} AND $1::bigint[] IS NOT NULL AND "
            + "NOT EXISTS(SELECT 1 FROM simmer.worker w WHERE w.id = j.owner)";

    /// <summary>The running jobs of some workers.</summary>
    public static Task<List<OwnedRun>> OfAsync(Session session, long[] workers) => FindAsync(session, OwnedBySql, workers);

    /// <summary>The running jobs whose worker no longer exists.</summary>
    public static Task<List<OwnedRun>> OrphansAsync(Session session) => FindAsync(session, OrphansSql, []);

    private static async Task<List<OwnedRun>> FindAsync(Session session, string sql, long[] workers)
    {
        var found = new List<OwnedRun>();
        await session.Batch().Add(sql).Bind(workers)
            .Each(row => found.Add(new OwnedRun(row.Id(0), row.GetInt32(1), row.GetInt64(2)))).RunAsync();
        return found;
    }
}
