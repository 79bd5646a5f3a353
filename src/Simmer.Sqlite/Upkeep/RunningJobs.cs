using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Finds running jobs by their owner, on the reader's connection, so that a scan of any length holds up no writer. There is no
/// index on the owner, because it would cost something for every job.</summary>
/// <param name="context">The store.</param>
internal sealed class RunningJobs(SqliteContext context)
{
    private const string From = $"FROM simmer_job WHERE state = {JobStates.Running} AND";

    private static readonly Sql s_ofOwner = new($"SELECT id, run, owner {From} owner = ?1");

    private static readonly Sql s_orphans =
        new($"SELECT id, run, owner {From} (owner IS NULL OR owner NOT IN (SELECT id FROM simmer_worker))");

    // No lease can be proven for what a token cannot name.
    private static readonly Sql s_nameless = new($"""
        SELECT seq {From} (typeof(id) <> 'blob' OR length(id) <> 16 OR typeof(run) <> 'integer' OR run NOT BETWEEN 0 AND 2147483647
            OR typeof(owner) <> 'integer')
        """);

    /// <summary>The jobs of a worker.</summary>
    public Task<List<(LeaseToken Token, long Owner)>> OfAsync(long worker, CancellationToken cancellationToken) =>
        context.Read(session => Read(session[s_ofOwner].Bind(1, worker)), cancellationToken);

    /// <summary>The jobs of workers that do not exist.</summary>
    public Task<List<(LeaseToken Token, long Owner)>> OrphansAsync(CancellationToken cancellationToken) =>
        context.Read(static session => Read(session[s_orphans]), cancellationToken);

    /// <summary>The numbers of the rows whose id, run or owner is damaged.</summary>
    public Task<List<long>> NamelessAsync(CancellationToken cancellationToken) =>
        context.Read(static session =>
        {
            var found = new List<long>();
            var statement = session[s_nameless];
            while (statement.Step())
            {
                found.Add(statement.Long(0));
            }

            return found;
        }, cancellationToken);

    private static List<(LeaseToken Token, long Owner)> Read(Statement statement)
    {
        var found = new List<(LeaseToken, long)>();
        while (statement.Step())
        {
            // The token of a row whose id is damaged finds nothing.
            found.Add((new LeaseToken(statement.IdOrStandIn(0), statement.Int(1)), statement.Long(2)));
        }

        return found;
    }
}
