namespace Simmer.Postgres;

/// <summary>The rows of workers, and what hangs on them.</summary>
internal static class WorkerRows
{
    private const string ForgetSql = "DELETE FROM simmer.worker WHERE id = ANY($1)";
    private const string ForgetUpkeepLeasesSql = "DELETE FROM simmer.upkeep_lease WHERE worker = ANY($1)";
    private const string ForgetSignalsSql = "DELETE FROM simmer.signal WHERE owner = ANY($1)";

    /// <summary>Deletes workers, with their leases of upkeep and the signals to them.</summary>
    public static void Forget(SqlBatch batch, long[] workers) => batch
        .Add(ForgetUpkeepLeasesSql).Bind(workers)
        .Add(ForgetSignalsSql).Bind(workers)
        .Add(ForgetSql).Bind(workers);
}
