using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_ownedBy = new("SELECT id, run, owner FROM simmer_job WHERE state = 4 AND owner = ?1");
    private static readonly Sql s_orphans =
        new("SELECT id, run, owner FROM simmer_job WHERE state = 4 AND (owner IS NULL OR owner NOT IN (SELECT id FROM simmer_worker))");

    // What a token cannot name is put off with the reason: nobody's lease could be proven for it.
    private static readonly Sql s_nameless = new("""
        SELECT seq FROM simmer_job WHERE state = 4
            AND (typeof(id) <> 'blob' OR length(id) <> 16 OR typeof(run) <> 'integer' OR run NOT BETWEEN 0 AND 2147483647
            OR typeof(owner) <> 'integer')
        """);

    private static readonly Sql s_slotsOfDead = new($"""
        SELECT coalesce(slots, 1) FROM simmer_worker WHERE id = ?1 AND (beats = ?2 OR typeof(beats) <> 'integer')
          AND (beat_at <= ?3 - iif(?4 > 0, coalesce({LeaseOrNull}, ?4), 0) OR typeof(beat_at) <> 'integer' OR beat_at > ?3 + {LongestLease})
        """);

    private static readonly Sql s_queueOf = new("SELECT queue FROM simmer_job WHERE seq = ?1");

    /// <inheritdoc/>
    public async ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var dead = await DeclareDead(request, now, cancellationToken);
        var found = new List<(JobId Id, int Run, long Owner)>();
        if (request.SweepOrphans)
        {
            found = await Sweep(s_orphans, null, cancellationToken);
        }
        else
        {
            foreach (var worker in dead.Keys)
            {
                found.AddRange(await Sweep(s_ownedBy, worker.Value, cancellationToken));
            }
        }

        var rescued = new Rescued();
        foreach (var batch in found.Chunk(SweepBatch))
        {
            var part = await WriteEach((session, careful) => Rescue(session, batch, dead, request.KeepCancelledFor, now, careful),
                cancellationToken, batch.Length);
            rescued.Jobs.AddRange(part.Jobs);
            rescued.Cancelled.AddRange(part.Cancelled);
            rescued.Queues.UnionWith(part.Queues);
            rescued.Released = rescued.Released.With(part.Released);
        }

        if (request.SweepOrphans)
        {
            await PutOffNamelessAsync(now, cancellationToken);
        }

        return new RescueReport([.. dead.Keys], rescued.Jobs, rescued.Cancelled, [.. rescued.Queues], rescued.Released);
    }

    /// <summary>Takes away the rows of workers that are dead by the lease clock and have not beaten since they were observed.</summary>
    /// <returns>How many jobs each of them ran at once.</returns>
    private async Task<Dictionary<WorkerId, int?>> DeclareDead(RescueRequest request, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (request.Workers.Count == 0)
        {
            return [];
        }

        var dead = await Write(session =>
        {
            var at = LeaseTime(session, now);
            var slots = new Dictionary<WorkerId, int?>();
            foreach (var (worker, beats) in request.Workers)
            {
                if (session[s_slotsOfDead].Bind(1, worker.Value).Bind(2, beats).Bind(3, at).Bind(4, request.Lease.Ticks).Number() is { } own
                    && ForgetWorker(session, worker.Value))
                {
                    slots.Add(worker, WorkerNumbers.Slots(own));
                }
            }

            return slots;
        }, cancellationToken, request.Workers.Count);
        foreach (var worker in dead.Keys)
        {
            Own(worker.Value, add: false);
        }

        return dead;
    }

    /// <summary>Finds running jobs by owner on the reader's connection: a scan of any length that holds nobody up.</summary>
    private Task<List<(JobId Id, int Run, long Owner)>> Sweep(Sql sql, long? owner, CancellationToken cancellationToken) =>
        Read(session =>
        {
            var found = new List<(JobId, int, long)>();
            var statement = session[sql];
            if (owner is { } id)
            {
                _ = statement.Bind(1, id);
            }

            while (statement.Step())
            {
                // One whose id is damaged finds nothing.
                found.Add((statement.IdOrStandIn(0), statement.Int(1), statement.Long(2)));
            }

            return found;
        }, cancellationToken);

    private async Task PutOffNamelessAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var nameless = await Read(session =>
        {
            var found = new List<long>();
            var statement = session[s_nameless];
            while (statement.Step())
            {
                found.Add(statement.Long(0));
            }

            return found;
        }, cancellationToken);
        if (nameless.Count > 0)
        {
            _ = await WriteEach((session, careful) =>
                ForEach(session, nameless, careful,
                    seq => PutOff(session, seq, JobState.Running, "its row cannot be read: its id, its run or its owner is damaged",
                    now)).Count, cancellationToken);
        }
    }

    private Rescued Rescue(SqliteSession session, (JobId Id, int Run, long Owner)[] batch, Dictionary<WorkerId, int?> slots,
        TimeSpan keepCancelledFor, DateTimeOffset now, bool careful)
    {
        var rescued = new Rescued();
        var refused = ForEach(session, batch, careful, job =>
        {
            if (Find(session, new LeaseToken(job.Id, job.Run), job.Owner) is { } held)
            {
                var one = new Rescued();
                Rescue(session, job.Id, job.Run, held, slots.GetValueOrDefault(new WorkerId(job.Owner)), keepCancelledFor, now, one);
                Follow(session, now);
                rescued.Join(one);
            }
        });
        foreach (var (job, error) in refused)
        {
            Log.RescueRefused(_logger, error, job.Id, job.Run);
            if (Find(session, new LeaseToken(job.Id, job.Run), job.Owner) is { } held)
            {
                // As suspect as if it had come back: else one that kills its workers, and whose return is refused each time, would go on
                // for ever among others.
                var (level, spends) = SuspectRoom.AfterDeath(held.Suspicion, slots.GetValueOrDefault(new WorkerId(job.Owner)));
                _ = session.Try(("put off", held.Seq),
                    () => PutOff(session, held.Seq, JobState.Running, StoreFaults.Refusal(error, $"the return of job {job.Id}").Message,
                    now, level, spends));
            }
        }

        rescued.Released = session.Steps.Take();

        return rescued;
    }

    private static void Rescue(SqliteSession session, JobId id, int run, in Held held, int? slots, TimeSpan keepCancelledFor,
        DateTimeOffset now, Rescued rescued)
    {
        var errors = held.Errors;
        if (!held.CancelRequested || keepCancelledFor > TimeSpan.Zero || held.Step is not null)
        {
            AddError(session, id, ++errors,
                new AttemptError(run, run - held.Forgiven, now, ErrorTypes.LeaseLost,
                "The worker stopped renewing its lease while the job ran."));
        }

        if (held.CancelRequested)
        {
            Finish(session, held.Seq, id,
                new Ending(JobState.Cancelled, keepCancelledFor) { Reason = held.CancelReason, Errors = errors, Step = held.Step }, now);
            rescued.Cancelled.Add(id);
            return;
        }

        // Only the attempt of one that ran as the only suspect is spent: the others may have died of a neighbour.
        var (level, spends) = SuspectRoom.AfterDeath(held.Suspicion, slots);
        MakeReady(session, held.Seq, held.Forgiven + (spends ? 0 : 1), errors, level, now);
        rescued.Jobs.Add(id);
        _ = rescued.Queues.Add(session.Names.QueueName(session[s_queueOf].Bind(1, held.Seq).Number() ?? 0));
    }

    private sealed class Rescued
    {
        public List<JobId> Jobs { get; } = [];

        public List<JobId> Cancelled { get; } = [];

        public void Join(Rescued one)
        {
            Jobs.AddRange(one.Jobs);
            Cancelled.AddRange(one.Cancelled);
            Queues.UnionWith(one.Queues);
        }

        public SortedSet<string> Queues { get; } = new(StringComparer.Ordinal);

        public ReleaseReport Released { get; set; } = ReleaseReport.Nothing;
    }
}
