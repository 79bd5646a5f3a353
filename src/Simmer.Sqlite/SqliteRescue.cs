using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Declares workers dead and takes their jobs back.</summary>
/// <param name="context">The store.</param>
/// <param name="running">Finds running jobs.</param>
internal sealed class SqliteRescue(SqliteContext context, RunningJobs running)
{
    /// <summary>How many jobs are taken back in one transaction.</summary>
    private const int Batch = 500;

    // One row if the worker is dead. A lease that no worker can have counts as none (WorkerNumbers). A worker that says no slots is of a
    // version that runs one suspect at a time.
    private static readonly Sql s_slotsIfDead = new($"""
        SELECT coalesce(slots, 1) FROM simmer_worker WHERE id = ?1 AND (beats = ?2 OR typeof(beats) <> 'integer')
          AND (beat_at <= ?3 - iif(?4 > 0, coalesce({WorkerRows.LeaseOrNull}, ?4), 0) OR typeof(beat_at) <> 'integer'
              OR beat_at > ?3 + {WorkerRows.LongestLease})
        """);

    private static readonly Sql s_queueOf = new("SELECT queue FROM simmer_job WHERE seq = ?1");

    /// <inheritdoc cref="IJobStore.RescueAsync"/>
    public async ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var dead = await DeclareDeadAsync(request, now, cancellationToken);
        var found = new List<(LeaseToken Token, long Owner)>();
        if (request.SweepOrphans)
        {
            found = await running.OrphansAsync(cancellationToken);
        }
        else
        {
            foreach (var worker in dead.Keys)
            {
                found.AddRange(await running.OfAsync(worker.Value, cancellationToken));
            }
        }

        var rescued = new Rescued();
        foreach (var batch in found.Chunk(Batch))
        {
            rescued.Join(await context.WriteEach(
                (session, careful) => Rescue(session, batch, dead, now, careful), cancellationToken,
                batch.Length));
        }

        if (request.SweepOrphans)
        {
            await PutOffNamelessAsync(now, cancellationToken);
        }

        return new RescueReport([.. dead.Keys], rescued.Jobs, rescued.Cancelled, [.. rescued.Queues], rescued.Released);
    }

    /// <summary>Deletes the rows of workers that are dead by the lease clock and have not beaten since they were observed.</summary>
    /// <returns>How many jobs each of them ran at once.</returns>
    private async Task<Dictionary<WorkerId, int?>> DeclareDeadAsync(RescueRequest request, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (request.Workers.Count == 0)
        {
            return [];
        }

        var dead = await context.Write(session =>
        {
            var at = context.LeaseTime(session, now);
            var slots = new Dictionary<WorkerId, int?>();
            foreach (var (worker, beats) in request.Workers)
            {
                if (session[s_slotsIfDead].Bind(1, worker.Value).Bind(2, beats).Bind(3, at).Bind(4, request.Lease.Ticks).Number() is { } own
                    && WorkerRows.Forget(session, worker.Value))
                {
                    slots.Add(worker, WorkerNumbers.Slots(own));
                }
            }

            return slots;
        }, cancellationToken, request.Workers.Count);
        foreach (var worker in dead.Keys)
        {
            context.Workers.Remove(worker.Value);
        }

        return dead;
    }

    private async Task PutOffNamelessAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var nameless = await running.NamelessAsync(cancellationToken);
        if (nameless.Count > 0)
        {
            _ = await context.WriteEach((session, careful) => session.ForEach(nameless, careful, seq => RunEnd.PutOff(session, seq,
                JobState.Running, "its row cannot be read: its id, its run or its owner is damaged", now)).Count, cancellationToken);
        }
    }

    private Rescued Rescue(SqliteSession session, (LeaseToken Token, long Owner)[] batch, Dictionary<WorkerId, int?> slots,
        DateTimeOffset now, bool careful)
    {
        var rescued = new Rescued();
        var refused = session.ForEach(batch, careful, job =>
        {
            if (RunEnd.Find(session, job.Token, job.Owner) is { } held)
            {
                var one = new Rescued();
                Rescue(session, held, slots.GetValueOrDefault(new WorkerId(job.Owner)), now, one);
                WorkflowFollow.Follow(session, now);
                rescued.Join(one);
            }
        });
        foreach (var (job, error) in refused)
        {
            Log.RescueRefused(context.Logger, error, job.Token.Id, job.Token.Run);
            if (RunEnd.Find(session, job.Token, job.Owner) is { } held)
            {
                // As suspect as if it had come back: else one that kills its workers, and whose return is refused each time, would go on
                // for ever among others.
                var (level, spends) = SuspectRoom.AfterDeath(held.Suspicion, slots.GetValueOrDefault(new WorkerId(job.Owner)));
                var why = StoreFaults.Refusal(error, $"the return of job {job.Token.Id}").Message;
                _ = session.Try(("put off", held.Seq),
                    () => RunEnd.PutOff(session, held.Seq, JobState.Running, why, now, level, spends));
            }
        }

        rescued.Released = session.Steps.Take();
        return rescued;
    }

    private static void Rescue(SqliteSession session, in HeldJob held, int? slots, DateTimeOffset now,
        Rescued rescued)
    {
        var row = held.Row;
        var outcome = RescueDecision.For(row, slots, held.KeepCancelledFor(session));
        RunEnd.Write(session, held, outcome, RescueDecision.Error(row, now), now);
        if (outcome.Ends)
        {
            rescued.Cancelled.Add(held.Token.Id);
            return;
        }

        rescued.Jobs.Add(held.Token.Id);
        _ = rescued.Queues.Add(session.Names.QueueName(session[s_queueOf].Bind(1, held.Seq).Number() ?? 0));
    }
}
