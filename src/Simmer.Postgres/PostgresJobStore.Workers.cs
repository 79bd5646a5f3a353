using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // Its number is its own wherever it is registered, today or once: where the database is made anew, or the table of workers emptied, a
    // number that is counted up would be that of another who still lives.
    private static readonly string s_register = $"""
        INSERT INTO simmer.worker(id, name, queues, capabilities, beat_at, lease, slots) OVERRIDING SYSTEM VALUE
        VALUES((extract(epoch
            FROM clock_timestamp() - timestamptz '2020-01-01 00:00+00') * 1000)::bigint * 4096 + floor(random() * 4096)::bigint, $1, $2, $3,
            {LeaseClockSql(4)}, $5, $6) ON CONFLICT DO NOTHING RETURNING id
        """;

    private static readonly string s_takeUpkeepLease = $"""
        INSERT INTO simmer.hold(name, worker, until) SELECT $1, $2, least({KeptForEver}, t.at::numeric + $3)::bigint
            FROM (SELECT {LeaseClockSql(4)} AS at) t
        ON CONFLICT(name) DO UPDATE SET worker = excluded.worker, until = excluded.until
          WHERE simmer.hold.worker = excluded.worker OR simmer.hold.until <= {LeaseClockSql(4)}
              OR NOT EXISTS(SELECT 1 FROM simmer.worker w WHERE w.id = simmer.hold.worker)
        RETURNING 1
        """;

    private const string LockWorkerSql = "SELECT 1 FROM simmer.worker WHERE id = $1 FOR UPDATE";
    private const string ForgetWorkerSql = "DELETE FROM simmer.worker WHERE id = ANY($1)";
    private const string ForgetUpkeepLeasesSql = "DELETE FROM simmer.hold WHERE worker = ANY($1)";
    private const string ForgetSignalsSql = "DELETE FROM simmer.signal WHERE owner = ANY($1)";

    /// <summary>How often a number of its own is tried for a worker: another may have the one that was drawn.</summary>
    private const int MostRegistrations = 10;

    /// <inheritdoc/>
    public async ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(worker);
        ThrowIfNotOpen();
        WarnOfShortPool(worker);
        var id = 0L;
        try
        {
            await _guard.LookAgainAsync(cancellationToken);
        }
        catch (StoreException e)
        {
            // The tables may be made by now; whoever still finds none says so.
            if (!await TryMakeTablesAsync(e))
            {
                throw;
            }

            await _guard.LookAgainAsync(cancellationToken);
        }

        for (var attempt = 0; id == 0; attempt++)
        {
            if (attempt == MostRegistrations)
            {
                throw new StoreException(
                    $"A worker could not be registered on PostgreSQL at {_database.Server}: the row was inserted into "
                        + $"'{_options.Schema}.worker' {MostRegistrations} times, and was never there afterwards. Look for a trigger or "
                        + "a rule on that table that swallows it.", isTransient: true);
            }

            _ = await Write(async session =>
            {
                if (await session.TryAsync("register", () => RegisterAsync(session, worker.Name)) is not null)
                {
                    // The name is for people: a worker whose name the database cannot hold works all the same.
                    await RegisterAsync(session, CleanText.Ascii(worker.Name));
                }

                return true;
            }, cancellationToken);
        }

        return new WorkerId(id);

        Task RegisterAsync(Session session, string name) =>
            session.Batch().Add(s_register).Bind(name).Bind(JsonList.Write(worker.Queues)).Bind(JsonList.Write(worker.Capabilities))
            .Bind(_context.Time.LeaseTime(now)).Bind(worker.Lease?.Ticks).Bind(worker.Slots).Each(row => id = row.GetInt64(0)).RunAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        _ = await Write(now, async (session, time) =>
        {
            // The row first: a flush of this worker that is still on its way is waited for, and what it has claimed is found.
            await session.Batch().Add(LockWorkerSql).Bind(worker.Value).Each(static _ => { }).RunAsync();
            var owned = await SweepAsync(session, OwnedBySql, [worker.Value]);
            foreach (var part in owned.Chunk(500))
            {
                _ = await LookAtAsync(session, part, time, new Rescued(), static (s, job, at, _) => GiveBack(s, job, at),
                    skipLocked: false);
            }

            var batch = session.Batch();
            ForgetWorkers(batch, [worker.Value]);
            await batch.RunAsync();
            return true;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _side.RunAsync(async connection =>
        {
            var held = false;
            await _lone.RunAsync(connection, batch => batch.Add(s_takeUpkeepLease).Bind(name).Bind(worker.Value).Bind(duration.Ticks)
                .Bind(_context.Time.LeaseTime(now)).Each(_ => held = true));
            return held;
        }, cancellationToken);

    private static void ForgetWorkers(SqlBatch batch, long[] workers) => batch
        .Add(ForgetUpkeepLeasesSql).Bind(workers)
        .Add(ForgetSignalsSql).Bind(workers)
        .Add(ForgetWorkerSql).Bind(workers);

    /// <summary>An application whose handlers take connections from the pool that the store shares can wait for itself.</summary>
    private void WarnOfShortPool(WorkerInfo worker)
    {
        if (_database.SharedPool is { } size && worker.Queues.Count > 0 && _concurrencyOf?.Invoke(worker.Queues) is { } concurrency
            && size < concurrency + PostgresDatabase.MaxConnections)
        {
            Log.ShortPool(_logger, _database.Server, size, concurrency, PostgresDatabase.MaxConnections);
        }
    }
}
