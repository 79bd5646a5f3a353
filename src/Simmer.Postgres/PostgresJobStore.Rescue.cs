using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // There is no index on the owner, which would cost every job: five million rows take under a second from memory, and hardly ever.
    private const string OwnedBySql = "SELECT id, run, owner FROM simmer.job WHERE state = 4 AND owner = ANY($1)";
    private const string OrphansSql =
        "SELECT j.id, j.run, coalesce(j.owner, 0) FROM simmer.job j WHERE j.state = 4 AND $1::bigint[] IS NOT NULL AND NOT EXISTS(SELECT "
            + "1 FROM simmer.worker w WHERE w.id = j.owner)";

    // The rows are locked by a statement of their own: the sweep that follows sees what a flush had committed that was waited for. What no
    // worker can have counts as none (WorkerNumbers); one that says no slots is of a version that runs one suspect at a time.
    private static readonly string s_deadWorkers = $"""
        SELECT w.id, coalesce(w.slots, 1) FROM simmer.worker w JOIN unnest($1::bigint[], $2::bigint[]) AS t(id, beats) ON t.id = w.id
        WHERE w.beats = t.beats
            AND (w.beat_at <= {LeaseClockSql(4)} - CASE WHEN $3 > 0 THEN coalesce({LeaseOrNull}, $3) ELSE 0 END
            OR w.beat_at > {LeaseClockSql(4)} + {LongestLease})
        ORDER BY w.id FOR UPDATE OF w SKIP LOCKED
        """;

    private const string LevelSql = $"SELECT {JobColumns.Level} FROM simmer.job j WHERE j.id = $1";

    private const string LeaseOrNull = $"CASE WHEN w.lease BETWEEN {ShortestLease} AND {LongestLease} THEN w.lease END";

    // In the SQL as texts: see WorkerNumbers.
    private const string ShortestLease = "30000000";
    private const string LongestLease = "864000000000";

    /// <inheritdoc/>
    public async ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var rescued = new Rescued();
        var dead = request.Workers.Count == 0 ? [] : await Write(now, (session, at) =>
        {
            // Nothing stays of a try whose connection a refusal has closed.
            rescued = new Rescued();
            return DeclareDeadAsync(session, request, rescued, now, at);
        }, cancellationToken);
        if (request.SweepOrphans)
        {
            await RescueAllAsync(request, rescued, now, cancellationToken);
        }

        if (rescued.Jobs.Count > 0)
        {
            _suspects.Made();
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
                .Bind(request.Lease.Ticks).Bind(_context.Time.LeaseTime(now))
            .Each(row => slots.Add(row.GetInt64(0), WorkerNumbers.Slots(row.GetInt32(1)))).RunAsync();
        if (slots.Count > 0)
        {
            foreach (var part in (await SweepAsync(session, OwnedBySql, [.. slots.Keys])).Chunk(500))
            {
                // One that somebody's own transaction holds is about to end in it; if not, the sweep for orphans finds it.
                rescued.HasLeft |= await LookAtAsync(session, part, time, rescued,
                    (s, job, at, into) => Rescue(s, job, slots[job.Owner], request.KeepCancelledFor, at, into), skipLocked: true, owner =>
                    slots[owner]) < part.Length;
            }

            var batch = session.Batch();
            ForgetWorkers(batch, [.. slots.Keys]);
            await batch.RunAsync();
            rescued.Released = rescued.Released.With(session.Steps.Report(session.Ahead));
            rescued.NameQueues(session);
        }

        return [.. slots.Keys.Select(static id => new WorkerId(id))];
    }

    /// <summary>Takes back jobs whose owner no longer exists, batch by batch.</summary>
    private async Task RescueAllAsync(RescueRequest request, Rescued rescued, DateTimeOffset now, CancellationToken cancellationToken)
    {
        rescued.HasLeft = false;
        var orphans = await Read(session => SweepAsync(session, OrphansSql, []), cancellationToken);
        foreach (var part in orphans.Chunk(500))
        {
            var (found, back) = await Write(now, async (session, time) =>
            {
                var taken = new Rescued();
                var count = await LookAtAsync(session, part, time, taken,
                    (s, job, at, into) => Rescue(s, job, null, request.KeepCancelledFor, at, into), skipLocked: true, static _ => null);
                taken.Released = session.Steps.Report(session.Ahead);
                taken.NameQueues(session);
                return (count, taken);
            }, cancellationToken, 500);
            rescued.Join(back);
            rescued.HasLeft |= found < part.Length;
        }
    }

    /// <summary>Finds running jobs by their owner; a scan of any length that holds nobody up.</summary>
    private static async Task<List<(JobId Id, int Run, long Owner)>> SweepAsync(Session session, string sql, long[] owners)
    {
        var found = new List<(JobId, int, long)>();
        await session.Batch().Add(sql).Bind(owners).Each(row => found.Add((row.Id(0), row.GetInt32(1), row.GetInt64(2)))).RunAsync();
        return found;
    }

    /// <summary>Does something with each running job that is still as it was found, and writes what follows from it. One for which the
    /// database refuses that is set aside, and the others go on; refused even so it is found again as an orphan.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="now">The present time.</param>
    /// <param name="rescued">What came of it.</param>
    /// <param name="work">What is done with each.</param>
    /// <param name="skipLocked">Whether those that another transaction holds are left out.</param>
    /// <param name="slotsOfDead">The slots of an owner that died; null: none did.</param>
    /// <returns>How many it was done with, or refused.</returns>
    private async Task<int> LookAtAsync(
        Session session, (JobId Id, int Run, long Owner)[] jobs, DateTimeOffset now, Rescued rescued,
            Action<Session, HeldJob, DateTimeOffset, Rescued> work, bool skipLocked, Func<long, int?>? slotsOfDead = null)
    {
        var count = 0;
        var refused = await session.TryEachAsync("take back", jobs, async some =>
        {
            var part = new Rescued();
            var found = await LookAtAsync(session, some, now, (s, job, at) => work(s, job, at, part), skipLocked);
            rescued.Join(part);
            count += found;
        });
        foreach (var (job, error) in refused)
        {
            Log.RescueRefused(_logger, error, job.Id, job.Run);
            var refusal = StoreFaults.Refusal(error, $"the return of job {job.Id}");
            if (!refusal.IsTransient)
            {
                _ = await session.TryAsync($"set aside {job.Id}", () => SetAsideAsync(session, job, slotsOfDead, refusal.Message, now));
            }
        }

        // Those that are refused are no reason to look again at once: the next sweep is soon enough.
        return count + refused.Count;
    }

    /// <summary>Sets a job aside whose return was refused. It is as suspect as if it had come back: else one that kills its workers, and
    /// whose return is refused each time, would go on for ever among others.</summary>
    private static async Task SetAsideAsync(Session session, (JobId Id, int Run, long Owner) job, Func<long, int?>? slotsOfDead,
        string reason, DateTimeOffset now)
    {
        var (level, spends) = (0, false);
        if (slotsOfDead is not null)
        {
            await session.Batch().Add(LevelSql).Bind(job.Id)
                .Each(row => (level, spends) = SuspectRoom.AfterDeath(row.GetInt32(0), slotsOfDead(job.Owner))).RunAsync();
        }

        var until = StoreRules.KeepUntil(now, SetAside.RestAfter(job.Run));
        await SetAsideSqlAsync(session, job.Id, new WorkerId(job.Owner), reason, now, until, level, spends);
        session.Steps.Due(until);
    }

    private static async Task<int> LookAtAsync(Session session, IReadOnlyList<(JobId Id, int Run, long Owner)> jobs, DateTimeOffset now,
        Action<Session, HeldJob, DateTimeOffset> work, bool skipLocked)
    {
        var runs = jobs.ToDictionary(static j => j.Id, static j => (j.Run, j.Owner));
        var held = await HoldAsync(session, [.. runs.Keys], skipLocked);
        var taken = held.FindAll(job => job.State == JobState.Running && runs[job.Id] == (job.Run, job.Owner));
        var batch = session.Batch();
        TakeNotes(batch, taken.ConvertAll(static job => job.Token));
        await batch.RunAsync();
        foreach (var job in taken)
        {
            work(session, job, now);
        }

        await FollowUpAsync(session, now);
        return taken.Count;
    }

    private static void Rescue(Session session, HeldJob job, int? slots, TimeSpan keepCancelledFor, DateTimeOffset now, Rescued rescued)
    {
        var errors = job.Errors;
        if (!job.CancelRequested || keepCancelledFor > TimeSpan.Zero || job.Step is not null)
        {
            session.Changes.AddError(job.Id, ++errors,
                new AttemptError(job.Run, job.Run - job.Forgiven, now, ErrorTypes.LeaseLost,
                "The worker stopped renewing its lease while the job ran."));
        }

        if (job.CancelRequested)
        {
            session.Changes.End(session, job,
                new Ending(job.Id, JobState.Cancelled, keepCancelledFor) { Reason = job.CancelReason, Errors = errors, Step = job.Step });
            rescued.Cancelled.Add(job.Id);
            return;
        }

        // Only the attempt of one that ran as the only suspect is spent: the others may have died of a neighbour.
        var (level, spends) = SuspectRoom.AfterDeath(job.Suspicion, slots);
        session.Changes.MakeReady(job, job.Forgiven + (spends ? 0 : 1), errors, level, now);
        rescued.Jobs.Add(job.Id);
        _ = rescued.QueueNumbers.Add(job.Queue);
    }

    private sealed class Rescued
    {
        public List<JobId> Jobs { get; } = [];

        public List<JobId> Cancelled { get; } = [];

        public SortedSet<string> Queues { get; } = new(StringComparer.Ordinal);

        public HashSet<int> QueueNumbers { get; } = [];

        /// <summary>Whether jobs were left because another transaction held them.</summary>
        public bool HasLeft { get; set; }

        public ReleaseReport Released { get; set; } = ReleaseReport.Nothing;

        public void Join(Rescued part)
        {
            Jobs.AddRange(part.Jobs);
            Cancelled.AddRange(part.Cancelled);
            QueueNumbers.UnionWith(part.QueueNumbers);
            Queues.UnionWith(part.Queues);
            Released = Released.With(part.Released);
        }

        public void NameQueues(Session session)
        {
            foreach (var queue in QueueNumbers)
            {
                if (session.Names.QueueName(queue) is { } name)
                {
                    _ = Queues.Add(name);
                }
            }
        }
    }
}
