using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The workers of the fleet: they register, deregister, take leases of upkeep, and ask for the jobs that they own.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="transactions">Reads and writes.</param>
/// <param name="side">The connection of upkeep.</param>
/// <param name="lone">Sends a statement by itself.</param>
/// <param name="guard">Looks what has become of the database.</param>
/// <param name="concurrencyOf">How many jobs of some queues run at once in this process; null: nobody knows.</param>
internal sealed class PostgresWorkers(PostgresContext context, StoreTransactions transactions, StoreConnection side, LoneStatements lone,
    DatabaseGuard guard, Func<IReadOnlyList<string>, int>? concurrencyOf)
{
    /// <summary>How often a number of its own is tried for a worker: another may have the one that was drawn.</summary>
    private const int MostRegistrations = 10;

    private const string LockWorkerSql = "SELECT 1 FROM simmer.worker WHERE id = $1 FOR UPDATE";

    // The number is drawn, and never given again: where the database is made anew, or the table of workers emptied, a number that is
    // counted up would be that of another worker who still lives.
    private static readonly string s_register = $"""
        INSERT INTO simmer.worker(id, name, queues, capabilities, beat_at, lease, slots) OVERRIDING SYSTEM VALUE
        VALUES((extract(epoch
            FROM clock_timestamp() - timestamptz '2020-01-01 00:00+00') * 1000)::bigint * 4096 + floor(random() * 4096)::bigint, $1, $2, $3,
            {StoreTime.LeaseClockSql(4)}, $5, $6) ON CONFLICT DO NOTHING RETURNING id
        """;

    private static readonly string s_takeUpkeepLease = $"""
        INSERT INTO simmer.upkeep_lease(name, worker, until) SELECT $1, $2, least({StoredSteps.KeptForEver}, t.at::numeric + $3)::bigint
            FROM (SELECT {StoreTime.LeaseClockSql(4)} AS at) t
        ON CONFLICT(name) DO UPDATE SET worker = excluded.worker, until = excluded.until
          WHERE simmer.upkeep_lease.worker = excluded.worker OR simmer.upkeep_lease.until <= {StoreTime.LeaseClockSql(4)}
              OR NOT EXISTS(SELECT 1 FROM simmer.worker w WHERE w.id = simmer.upkeep_lease.worker)
        RETURNING 1
        """;

    private static readonly string s_owned =
        $"SELECT {JobColumns.Claimed} FROM simmer.job j WHERE j.state = {JobStates.Running} AND j.owner = $1 ORDER BY j.seq";

    private readonly TakeBack _takeBack = new(context.Logger);

    /// <inheritdoc cref="IJobStore.RegisterAsync"/>
    public async ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(worker);
        context.State.ThrowIfNotOpen();
        WarnOfShortPool(worker);
        await ProveDatabaseAsync(cancellationToken);
        for (var attempt = 0; attempt < MostRegistrations; attempt++)
        {
            var id = await transactions.WriteAsync(session => InsertAsync(session, worker, now), cancellationToken);
            if (id != 0)
            {
                return new WorkerId(id);
            }
        }

        throw new StoreException(
            $"A worker could not be registered on PostgreSQL at {context.Database.Server}: the row was inserted into "
                + $"'{context.Options.Schema}.worker' {MostRegistrations} times, and was never there afterwards. Look for a trigger or "
                + "a rule on that table that swallows it.", isTransient: true);
    }

    /// <inheritdoc cref="IJobStore.DeregisterAsync"/>
    public async ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        _ = await transactions.WriteAsync(now, async (session, at) =>
        {
            // The row first: a flush of this worker that is still on its way is waited for, and what it has claimed is found.
            await session.Batch().Add(LockWorkerSql).Bind(worker.Value).Each(static _ => { }).RunAsync();
            var owned = await OwnedRuns.OfAsync(session, [worker.Value]);
            foreach (var part in owned.Chunk(OwnedRuns.BatchSize))
            {
                _ = await _takeBack.DoAsync(session, part, at, new Rescued(),
                    static (s, job, time, _) => RunEnd.GiveBack(s, job, time), skipLocked: false);
            }

            var batch = session.Batch();
            WorkerRows.Forget(batch, [worker.Value]);
            await batch.RunAsync();
            return true;
        }, cancellationToken);
    }

    /// <inheritdoc cref="IJobStore.TryTakeUpkeepLeaseAsync"/>
    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        side.RunAsync(async connection =>
        {
            var taken = false;
            await lone.RunAsync(connection, batch => batch.Add(s_takeUpkeepLease).Bind(name).Bind(worker.Value).Bind(duration.Ticks)
                .Bind(context.Time.LeaseTime(now)).Each(_ => taken = true));
            return taken;
        }, cancellationToken);

    /// <inheritdoc cref="IJobStore.ClaimsOfAsync"/>
    public async ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        var rows = await transactions.ReadAsync(async session =>
        {
            var owned = new List<ClaimRow>();
            await session.Batch().Add(s_owned).Bind(worker.Value).Each(row => owned.Add(ClaimRow.Read(row, session.Names))).RunAsync();
            if (owned.Exists(row => !row.IsNamed(session.Names)))
            {
                await session.Names.RefreshAsync(session.Connection);
            }

            return owned;
        }, cancellationToken);
        var names = context.Names;
        var unreadable = rows.FindAll(row => row.Unreadable is not null || !row.IsNamed(names));
        return new OwnedJobs(
            [.. rows.Except(unreadable)
                .Select(row => new JobClaim(row.Draft(names), row.Run, row.Forgiven, row.EnqueuedAt, row.Suspicion, row.CancelRequested))],
            [.. unreadable.Select(static row => new LeaseToken(row.Id, row.Run))]);
    }

    /// <summary>Makes sure that the tables are there and hold the names that this process knows.</summary>
    private async ValueTask ProveDatabaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await guard.LookAgainAsync(cancellationToken);
        }
        catch (StoreException e)
        {
            // The tables may exist by now; if not, the next statement reports it.
            if (!await guard.TryMakeTablesAsync(e))
            {
                throw;
            }

            await guard.LookAgainAsync(cancellationToken);
        }
    }

    /// <returns>The number of the worker; 0: none was inserted.</returns>
    private async Task<long> InsertAsync(Session session, WorkerInfo worker, DateTimeOffset now)
    {
        var id = 0L;
        if (await session.TryAsync("register", () => TryInsertAsync(worker.Name)) is not null)
        {
            // The name is for people: a worker whose name the database cannot hold gets it with escapes.
            await TryInsertAsync(CleanText.Ascii(worker.Name));
        }

        return id;

        Task TryInsertAsync(string name) =>
            session.Batch().Add(s_register).Bind(name).Bind(JsonList.Write(worker.Queues)).Bind(JsonList.Write(worker.Capabilities))
            .Bind(context.Time.LeaseTime(now)).Bind(worker.Lease?.Ticks).Bind(worker.Slots).Each(row => id = row.GetInt64(0)).RunAsync();
    }

    /// <summary>An application whose handlers take connections from the pool that the store shares can wait for itself.</summary>
    private void WarnOfShortPool(WorkerInfo worker)
    {
        if (context.Database.SharedPool is { } size && worker.Queues.Count > 0 && concurrencyOf?.Invoke(worker.Queues) is { } concurrency
            && size < concurrency + PostgresDatabase.MaxConnections)
        {
            Log.ShortPool(context.Logger, context.Database.Server, size, concurrency, PostgresDatabase.MaxConnections);
        }
    }
}
