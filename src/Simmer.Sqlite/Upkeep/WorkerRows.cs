namespace Simmer.Sqlite;

/// <summary>The rows of workers.</summary>
internal static class WorkerRows
{
    /// <summary>The longest lease that a worker can have, in ticks (<see cref="Storage.WorkerNumbers"/>).</summary>
    public const string LongestLease = "864000000000";

    /// <summary>The lease of a worker in SQL. A value that no worker can have counts as none: with a lease of zero every worker would be
    /// dead at once.</summary>
    public const string LeaseOrNull = $"iif(typeof(lease) = 'integer' AND lease BETWEEN 30000000 AND {LongestLease}, lease, NULL)";

    private static readonly Sql s_exists = new("SELECT 1 FROM simmer_worker WHERE id = ?1");
    private static readonly Sql s_forget = new("DELETE FROM simmer_worker WHERE id = ?1");
    private static readonly Sql s_forgetUpkeepLeases = new("DELETE FROM simmer_upkeep_lease WHERE worker = ?1");
    private static readonly Sql s_forgetSignals = new("DELETE FROM simmer_signal WHERE owner = ?1");

    /// <summary>Whether there is such a worker: it was not declared dead.</summary>
    public static bool Exists(SqliteSession session, long worker) => session[s_exists].Bind(1, worker).Number() is not null;

    /// <summary>Deletes a worker, with its upkeep leases and the signals to it.</summary>
    /// <returns>False: there was none.</returns>
    public static bool Forget(SqliteSession session, long worker)
    {
        _ = session[s_forgetUpkeepLeases].Bind(1, worker).Run();
        _ = session[s_forgetSignals].Bind(1, worker).Run();
        return session[s_forget].Bind(1, worker).Run() == 1;
    }
}
