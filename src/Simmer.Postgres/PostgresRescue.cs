using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Takes jobs back from workers that are dead.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="transactions">Reads and writes.</param>
internal sealed class PostgresRescue(PostgresContext context, StoreTransactions transactions)
{
    // In the SQL as texts: see WorkerNumbers.
    private const string ShortestLease = "30000000";
    private const string LongestLease = "864000000000";

    private const string LeaseOrNull = $"CASE WHEN w.lease BETWEEN {ShortestLease} AND {LongestLease} THEN w.lease END";

    // The rows are locked by a statement of their own: the sweep that follows sees what a flush had committed that was waited for. A lease
    // that no worker can have counts as none (WorkerNumbers). A worker that says no slots is of a version that runs one suspect at a time.
    private static readonly string s_deadWorkers = $"""
        SELECT w.id, coalesce(w.slots, 1) FROM simmer.worker w JOIN unnest($1::bigint[], $2::bigint[]) AS t(id, beats) ON t.id = w.id
        WHERE w.beats = t.beats
            AND (w.beat_at <= {StoreTime.LeaseClockSql(4)} - CASE WHEN $3 > 0 THEN coalesce({LeaseOrNull}, $3) ELSE 0 END
            OR w.beat_at > {StoreTime.LeaseClockSql(4)} + {LongestLease})
        ORDER BY w.id FOR UPDATE OF w SKIP LOCKED
        """;

    private readonly TakeBack _takeBack = new(context.Logger);

    /// <inheritdoc cref="IJobStore.RescueAsync"/>
    public async ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var rescued = new Rescued();
        var dead = request.Workers.Count == 0 ? [] : await transactions.WriteAsync(now, (session, at) =>
        {
            // Nothing stays of a try whose connection a refusal has closed.
            rescued = new Rescued();
            return DeclareDeadAsync(session, request, rescued, now, at);
        }, cancellationToken);
        if (request.SweepOrphans)
        {
            await RescueOrphansAsync(request, rescued, now, cancellationToken);
        }

        if (rescued.Jobs.Count > 0)
        {
            context.Suspects.Made();
        }

        return new RescueReport(dead, rescued.Jobs, rescued.Cancelled, [.. rescued.Queues], rescued.Released) { HasLeft = rescued.HasLeft };
    }

    /// <summary>Locks the rows of workers that are dead by the lease clock and have not beaten since they were observed, takes their jobs
    /// back, and takes the rows away, all in one transaction: one combined statement would leave orphans for ever, and two transactions
    /// until the next sweep.</summary>
    private async Task<List<WorkerId>> DeclareDeadAsync(Session session, RescueRequest request, Rescued rescued, DateTimeOffset now,
        DateTimeOffset time)
    {
        var slots = new Dictionary<long, int?>();
        await session.Batch().Add(s_deadWorkers)
            .BindAllLongs(request.Workers, static w => w.Worker.Value).BindAllLongs(request.Workers, static w => w.Beats)
            .Bind(request.Lease.Ticks).Bind(context.Time.LeaseTime(now))
            .Each(row => slots.Add(row.GetInt64(0), WorkerNumbers.Slots(row.GetInt32(1)))).RunAsync();
        if (slots.Count > 0)
        {
            foreach (var part in (await OwnedRuns.OfAsync(session, [.. slots.Keys])).Chunk(OwnedRuns.BatchSize))
            {
                // A job that a handler's own transaction has locked is about to end in it. If it does not, the sweep for orphans finds it.
                rescued.HasLeft |= await _takeBack.DoAsync(session, part, time, rescued,
                    (s, job, at, into) => Rescue(s, job, slots[job.Owner], at, into), skipLocked: true,
                    owner => slots[owner]) < part.Length;
            }

            var batch = session.Batch();
            WorkerRows.Forget(batch, [.. slots.Keys]);
            await batch.RunAsync();
            rescued.Close(session);
        }

        return [.. slots.Keys.Select(static id => new WorkerId(id))];
    }

    /// <summary>Takes back jobs whose owner no longer exists, batch by batch.</summary>
    private async Task RescueOrphansAsync(RescueRequest request, Rescued rescued, DateTimeOffset now, CancellationToken cancellationToken)
    {
        rescued.HasLeft = false;
        var orphans = await transactions.ReadAsync(OwnedRuns.OrphansAsync, cancellationToken);
        foreach (var part in orphans.Chunk(OwnedRuns.BatchSize))
        {
            var (found, back) = await transactions.WriteAsync(now, async (session, time) =>
            {
                var taken = new Rescued();
                var count = await _takeBack.DoAsync(session, part, time, taken,
                    (s, job, at, into) => Rescue(s, job, null, at, into), skipLocked: true, static _ => null);
                taken.Close(session);
                return (count, taken);
            }, cancellationToken, OwnedRuns.BatchSize);
            rescued.Join(back);
            rescued.HasLeft |= found < part.Length;
        }
    }

    private static void Rescue(Session session, HeldJob job, int? slots, DateTimeOffset now, Rescued rescued)
    {
        if (RunEnd.Rescue(session, job, slots, now) == JobState.Cancelled)
        {
            rescued.Cancelled.Add(job.Id);
            return;
        }

        rescued.Jobs.Add(job.Id);
        _ = rescued.QueueNumbers.Add(job.Queue);
    }
}
