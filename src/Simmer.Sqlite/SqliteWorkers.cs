using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Workers: they come, beat, take upkeep leases, and go.</summary>
/// <param name="context">The store.</param>
/// <param name="due">Knows when the next job is due.</param>
/// <param name="running">Finds running jobs.</param>
internal sealed class SqliteWorkers(SqliteContext context, DueJobs due, RunningJobs running)
{
    private static readonly Sql s_register =
        new("INSERT INTO simmer_worker(name, queues, capabilities, beat_at, lease, slots) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");

    private static readonly Sql s_beat = new("UPDATE simmer_worker SET beat_at = ?2, beats = beats + 1, idle = ?3 WHERE id = ?1");

    private static readonly Sql s_takeUpkeepLease = new("""
        INSERT INTO simmer_upkeep_lease(name, worker, until) VALUES(?1, ?2, ?3)
        ON CONFLICT(name) DO UPDATE SET worker = excluded.worker, until = excluded.until WHERE simmer_upkeep_lease.worker = excluded.worker
            OR simmer_upkeep_lease.until <= ?4
          OR typeof(simmer_upkeep_lease.until) <> 'integer' OR simmer_upkeep_lease.worker NOT IN (SELECT id FROM simmer_worker)
        """);

    private readonly BeatReports _reports = new(due);

    /// <inheritdoc cref="IJobStore.RegisterAsync"/>
    public async ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(worker);
        var id = await context.Write(session =>
        {
            _ = session[s_register].Bind(1, worker.Name).Bind(2, JsonList.Write(worker.Queues)).Bind(3, JsonList.Write(worker.Capabilities))
                .Bind(4, context.LeaseTime(session, now))
                .Bind(5, worker.Lease?.Ticks).Bind(6, worker.Slots).Run();
            return session.LastInsertRowId;
        }, cancellationToken);
        context.Workers.Add(id);
        return new WorkerId(id);
    }

    /// <inheritdoc cref="IJobStore.DeregisterAsync"/>
    public async ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var owned = await running.OfAsync(worker.Value, cancellationToken);
        _ = await context.WriteEach((session, careful) =>
        {
            // A job that the database refuses to take back is found as an orphan later.
            foreach (var (job, error) in session.ForEach(owned, careful, job =>
            {
                _ = GiveBackJobs.GiveBack(session, job.Token, worker.Value, now);
                WorkflowFollow.Follow(session, now);
            }))
            {
                Log.RescueRefused(context.Logger, error, job.Token.Id, job.Token.Run);
            }

            _ = session.Steps.Take();
            return WorkerRows.Forget(session, worker.Value);
        }, cancellationToken, weight: 1 + owned.Count);
        context.Workers.Remove(worker.Value);
    }

    /// <inheritdoc cref="IJobStore.BeatAsync"/>
    /// <remarks>On its own thread and connection: nothing a flush waits for can delay it. The report is read in the same transaction, so
    /// that a worker that says it is idle has looked for work after saying so.</remarks>
    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(context.Threads.Beat.Post((session, _) => Beat(session, request, now), cancellationToken));
    }

    /// <inheritdoc cref="IJobStore.PollAsync"/>
    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        new(context.Read(
            session => WorkerRows.Exists(session, worker.Value)
                ? _reports.Read(session, worker.Value, context.LeaseTime(session, now), now)
                : new BeatReport { Alive = false },
            cancellationToken));

    /// <inheritdoc cref="IJobStore.TryTakeUpkeepLeaseAsync"/>
    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        context.Write(session =>
        {
            var at = context.LeaseTime(session, now);
            var taken = session[s_takeUpkeepLease].Bind(1, name).Bind(2, worker.Value)
                .Bind(3, DbTime.Of(StoreRules.KeepUntil(DbTime.From(at), duration))).Bind(4, at).Run() == 1;
            if (taken)
            {
                context.Threads.Writer.ChangedForNobody();
            }

            return taken;
        }, cancellationToken);

    private BeatReport Beat(SqliteSession session, BeatRequest request, DateTimeOffset now)
    {
        var worker = request.Worker.Value;
        var at = context.LeaseTime(session, now);
        if (session[s_beat].Bind(1, worker).Bind(2, at).Bind(3, JsonList.Write(request.IdleQueues)).Run() == 0)
        {
            context.Workers.Remove(worker);
            return new BeatReport { Alive = false };
        }

        return _reports.Read(session, worker, at, now);
    }
}
