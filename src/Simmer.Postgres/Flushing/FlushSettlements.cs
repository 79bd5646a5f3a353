using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The stage of a flush that ends runs: settlements, give-backs, and what running jobs report.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="noted">The jobs that have reported something.</param>
/// <param name="progress">Writes what they report.</param>
internal sealed class FlushSettlements(PostgresContext context, NotedJobs noted, ReportedProgress progress)
{
    // Of flushes that are not sent apart: those run beside each other.
    private readonly List<(long Owner, LeaseToken Token)> _spentSignals = [];

    /// <summary>Ends the runs of a flush.</summary>
    public async Task SettleAsync(FlushRun run)
    {
        var (session, settling) = (run.Session, run.Settling);
        switch (run.Mode)
        {
            case FlushMode.Together:
                ForgetSpentSignals(session);
                settling.EndPlainly(run.Batch, run.Now, session.Ahead, noted);
                if (settling.NeedsLooking)
                {
                    await SettleByLookingAsync(session, run.Batch, settling, run.Now,
                        writes => ProgressRows.Take(writes, settling.Noted(noted)));
                    run.Batch = session.Batch();
                }

                ProgressRows.Note(run.Batch, run.Flush.Progress, settling.Worker);
                session.Changes.Write(session, run.Batch, run.Now);
                break;
            case FlushMode.Careful:
                ForgetSpentSignals(session);
                _ = await session.TryAsync("signals", () => WriteChangesAsync(session, run.Now));
                foreach (var one in settling.Alone())
                {
                    await SettleAloneAsync(session, settling, one, run.Now);
                }

                await progress.NoteCarefullyAsync(session, run.Flush.Progress, settling.Worker);
                break;
            default:
                var number = 0;
                foreach (var one in settling.Alone())
                {
                    // What is refused has its answer by then.
                    _ = await run.TryAsync(one.NeededRow, null, [number++], () => SettleAloneAsync(session, settling, one, run.Now),
                        static _ => { });
                }

                break;
        }
    }

    /// <summary>After the commit: the heartbeat shall not give the signals any more that came too late. They are forgotten with the next
    /// flush.</summary>
    public void Committed(FlushRun run)
    {
        if (run.Mode != FlushMode.Apart)
        {
            _spentSignals.AddRange(run.Settling.SpentSignals);
        }
    }

    /// <summary>An answer a settlement, after the commit; what was not settled is looked up.</summary>
    /// <param name="session">The session.</param>
    /// <param name="settling">The settlements.</param>
    /// <param name="claiming">The claims of the flush; null: it has none, or is within the transaction of a caller.</param>
    /// <param name="now">The present time.</param>
    public async Task<SettleReport[]> ReportAsync(Session session, SettleBatch settling, ClaimBatch? claiming, DateTimeOffset now)
    {
        var rows = new JobLookup();
        if (settling.Unsettled is not { Count: > 0 } unsettled)
        {
            return settling.Reports(rows.StateOf);
        }

        var batch = session.Batch();
        rows.Ask(batch, [.. unsettled.Select(static t => t.Id)]);
        await batch.RunAsync();

        // A job that this lease still holds, and not since the claims of this flush, is a step whose settlement did not say that it is one.
        var steps = claiming is null
            ? []
            : unsettled.FindAll(t => rows.Holds(t, new WorkerId(settling.Worker)) && !claiming.HasMet(t.Id));
        if (steps.Count > 0)
        {
            await SettleForgottenAsync(session, settling, steps, now);
        }

        return settling.Reports(id => claiming?.HasMet(id) == true ? JobState.Ready : rows.StateOf(id));
    }

    /// <summary>Settles what has to be looked at first: the rows are locked and read, each is decided on, and the workflows of steps
    /// follow.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="batch">What was added before goes with it.</param>
    /// <param name="settling">What ends.</param>
    /// <param name="now">The present time.</param>
    /// <param name="first">Adds what is written before the ends, behind the locks.</param>
    public static async Task SettleByLookingAsync(Session session, SqlBatch batch, SettleBatch settling, DateTimeOffset now,
        Action<SqlBatch> first)
    {
        var workflows = new Dictionary<WorkflowId, LockedWorkflow>();
        settling.LockWorkflows(batch, workflows);
        var held = settling.Lock(batch);
        await batch.RunAsync();
        await LockForgottenAsync(session, held, workflows);
        await StepInsert.LookForTakenAsync(session, settling.Added(held), workflows);
        var writes = session.Batch();
        first(writes);
        settling.End(session, writes, held, workflows, now);
        session.Changes.Write(session, writes, now);
        await writes.RunAsync();
        await session.Steps.FollowAsync(session, now);
    }

    /// <summary>Locks the workflows of steps of which the engine did not say that they are steps.</summary>
    private static async Task LockForgottenAsync(Session session, Dictionary<JobId, HeldJob> held,
        Dictionary<WorkflowId, LockedWorkflow> workflows)
    {
        var missing = held.Values.Where(h => h.Step is { } step && !workflows.ContainsKey(step.Workflow))
            .Select(static h => h.Step!.Workflow).Distinct().ToList();
        if (missing.Count > 0)
        {
            var batch = session.Batch();
            WorkflowChanges.Lock(batch, missing, w => workflows[w.Id] = w);
            await batch.RunAsync();
            foreach (var job in held.Values.Where(h => h.Step is { IsDamaged: true } step && !workflows.ContainsKey(step.Workflow))
                .ToList())
            {
                // A row that says it is a step and has no workflow is damaged: the job is treated as one that stands alone.
                held[job.Id] = job with { Step = null };
            }
        }
    }

    /// <summary>Settles one job. If that is refused, it is tried again without the texts that are for people only, because the outcome must
    /// not be lost for a text. If that is refused too, the engine keeps the settlement.</summary>
    private async Task SettleAloneAsync(Session session, SettleBatch settling, SettleBatch one, DateTimeOffset now)
    {
        if (await session.TryAsync($"end {one.First}", () => SettleByLookingAsync(session, session.Batch(), one, now,
            writes => ProgressRows.Take(writes, one.Noted(noted)))) is not { } refused)
        {
            settling.Take(one);
            return;
        }

        // What it reported on its way may be what is refused: the settlement has the last of it.
        if (one.Noted(noted).Count > 0 && await session
            .TryAsync($"end alone {one.First}", () => SettleByLookingAsync(session, session.Batch(), one, now, Count)) is null)
        {
            Log.ProgressRefused(context.Logger, refused, one.First.Id, one.First.Run);
            settling.Take(one);
            return;
        }

        var marks = 0;
        foreach (var marked in one.Marked())
        {
            if (await session.TryAsync($"marked {++marks} {one.First}",
                () => SettleByLookingAsync(session, session.Batch(), marked, now, Count)) is null)
            {
                Log.TextRefused(context.Logger, refused, one.First.Id, one.First.Run);
                settling.Take(marked);
                return;
            }
        }

        settling.Refuse(one.First, StoreFaults.Refusal(refused, $"the end of job {one.First.Id}"));
        Log.SettlementRefused(context.Logger, refused, one.First.Id, one.First.Run);

        void Count(SqlBatch writes) => progress.Count(writes, one.First, one.Worker);
    }

    private async Task SettleForgottenAsync(Session session, SettleBatch settling, List<LeaseToken> steps, DateTimeOffset now)
    {
        var alone = context.SessionOn(session.Connection);
        await Session.Begin(alone.Batch(), Session.ShortLockTimeout).RunAsync();
        foreach (var one in settling.Forgotten(steps).Alone())
        {
            await SettleAloneAsync(alone, settling, one, now);
        }

        await alone.Batch().Add("COMMIT").RunAsync();
        session.Steps.Join(alone.Steps);
    }

    private void ForgetSpentSignals(Session session)
    {
        foreach (var (owner, token) in _spentSignals)
        {
            session.Changes.ForgetSignal(owner, token);
        }

        _spentSignals.Clear();
    }

    private static Task WriteChangesAsync(Session session, DateTimeOffset now)
    {
        var batch = session.Batch();
        session.Changes.Write(session, batch, now);
        return batch.RunAsync();
    }
}
