using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_register =
        new("INSERT INTO simmer_worker(name, queues, capabilities, beat_at, lease, slots) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    private static readonly Sql s_forgetWorker = new("DELETE FROM simmer_worker WHERE id = ?1");
    private static readonly Sql s_forgetUpkeepLeases = new("DELETE FROM simmer_hold WHERE worker = ?1");
    private static readonly Sql s_forgetSignals = new("DELETE FROM simmer_signal WHERE owner = ?1");

    private static readonly Sql s_takeUpkeepLease = new("""
        INSERT INTO simmer_hold(name, worker, until) VALUES(?1, ?2, ?3)
        ON CONFLICT(name) DO UPDATE SET worker = excluded.worker, until = excluded.until WHERE simmer_hold.worker = excluded.worker
            OR simmer_hold.until <= ?4
          OR typeof(simmer_hold.until) <> 'integer' OR simmer_hold.worker NOT IN (SELECT id FROM simmer_worker)
        """);

    private readonly HashSet<long> _own = [];

    /// <inheritdoc/>
    public async ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(worker);
        var id = await Write(session =>
        {
            _ = session[s_register].Bind(1, worker.Name).Bind(2, JsonList.Write(worker.Queues)).Bind(3, JsonList.Write(worker.Capabilities))
                .Bind(4, LeaseTime(session, now))
                .Bind(5, worker.Lease?.Ticks).Bind(6, worker.Slots).Run();
            return session.LastInsertRowId;
        }, cancellationToken);
        Own(id, add: true);
        return new WorkerId(id);
    }

    /// <inheritdoc/>
    public async ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Read beside the writer: there is no index on the owner, which would cost every job.
        var owned = await Sweep(s_ownedBy, worker.Value, cancellationToken);
        _ = await WriteEach((session, careful) =>
        {
            // What is refused is found as an orphan.
            foreach (var (job, error) in ForEach(session, owned, careful, job =>
            {
                _ = GiveBack(session, new LeaseToken(job.Id, job.Run), worker.Value, now);
                Follow(session, now);
            }))
            {
                Log.RescueRefused(_logger, error, job.Id, job.Run);
            }

            _ = session.Steps.Take();
            return ForgetWorker(session, worker.Value);
        }, cancellationToken, weight: 1 + owned.Count);
        Own(worker.Value, add: false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Write(session =>
        {
            var at = LeaseTime(session, now);
            var held = session[s_takeUpkeepLease].Bind(1, name).Bind(2, worker.Value)
                .Bind(3, DbTime.Of(StoreRules.KeepUntil(DbTime.From(at), duration))).Bind(4, at).Run() == 1;
            if (held)
            {
                Writer.ChangedForNobody();
            }

            return held;
        }, cancellationToken);

    private static bool ForgetWorker(SqliteSession session, long worker)
    {
        _ = session[s_forgetUpkeepLeases].Bind(1, worker).Run();
        _ = session[s_forgetSignals].Bind(1, worker).Run();
        return session[s_forgetWorker].Bind(1, worker).Run() == 1;
    }

    /// <summary>Keeps count of the workers of this store, so that the writer knows whether there are others to wake.</summary>
    private void Own(long worker, bool add)
    {
        lock (_own)
        {
            _ = add ? _own.Add(worker) : _own.Remove(worker);
            Volatile.Write(ref Writer.OwnWorkers, _own.Count);
        }
    }
}
