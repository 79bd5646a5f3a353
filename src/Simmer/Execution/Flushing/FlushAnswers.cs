using Simmer.Diagnostics;
using Simmer.Enqueue;
using Simmer.Storage;

namespace Simmer.Execution.Flushing;

/// <summary>Hands the answers of a flush out: to the callers, to the queues, to those who watch jobs, to the upkeep.</summary>
/// <param name="engine">The engine of the store.</param>
/// <param name="plan">What the flush dispatches and claims.</param>
internal sealed class FlushAnswers(StoreEngine engine, FlushPlan plan)
{
    public void HandOut(FlushBatch batch, FlushReport report, WorkerId worker)
    {
        // The answer may be so late that this worker was declared dead meanwhile: the jobs that it brings run elsewhere, or soon will.
        var isOurs = engine.Registered == worker;
        HandOutSettlements(batch, report);

        // The answer to a repeated flush says what is so now. A job of this batch may run here already, because an earlier enqueue of the
        // same id was dispatched; adoption finds out.
        HandOutEnqueues(batch, report, isOurs && !report.WasRepeat, worker);
        TellCallers(batch, report);
        engine.Runner.Answered(batch.Claims, batch.Hints, isOurs ? report.Claims : [], worker);
        if (report.Blocked.Claims)
        {
            plan.HintClaims(batch);
        }

        foreach (var note in batch.Notes)
        {
            engine.Context.Watcher.Notify(note.Token.Id);
        }

        for (var i = 0; i < batch.GiveBacks.Count; i++)
        {
            if (!report.Blocked.GiveBacks.Contains(i))
            {
                engine.Context.Watcher.Notify(batch.GiveBacks[i].Id);
            }
        }

        engine.SetAside.Note(report.SetAside);
        foreach (var id in report.Expired)
        {
            engine.Context.Logger.JobExpired(id);
            engine.Context.Watcher.Notify(id);
        }

        foreach (var claim in report.Claims)
        {
            engine.Context.Watcher.Notify(claim.Job.Id);
        }

        engine.Released(report.Released);

        // Jobs that were given back are ready again, perhaps for this very process.
        if (batch.GiveBacks.Count > 0)
        {
            engine.Runner.HintAll();
        }
    }

    private void HandOutSettlements(FlushBatch batch, FlushReport report)
    {
        // First of all: those who wait for the end of a job look for it as soon as they are notified.
        engine.Context.Watcher.Ended.Note(batch.Settlements, report.Settlements);
        for (var i = 0; i < batch.Settlements.Count; i++)
        {
            var settlement = batch.Settlements[i];
            if (report.Blocked.Settlements.Contains(i) || IsRefused(report, settlement.Token))
            {
                continue;
            }

            var answer = report.Settlements[i];
            if (!answer.Settled)
            {
                engine.Context.Metrics.LeaseLost();
                engine.Context.Logger.SettlementLost(settlement.Token.Id, settlement.Token.Run, settlement.State);
            }
            else if (answer.State == JobState.Scheduled)
            {
                engine.DueAt(settlement.DueFrom(engine.Context.Now));
            }
            else if (answer.State == JobState.Ready)
            {
                engine.Runner.HintAll();
            }

            if (settlement.Added is { Count: > 0 } added && answer is { Settled: true, State: JobState.Succeeded })
            {
                engine.Context.Metrics.Sent(added);
            }

            engine.Context.Watcher.Notify(settlement.Token.Id);
        }
    }

    private static bool IsRefused(FlushReport report, LeaseToken token)
    {
        for (var i = 0; i < report.Refusals.Count; i++)
        {
            if (report.Refusals[i].Token == token)
            {
                return true;
            }
        }

        return false;
    }

    private void HandOutEnqueues(FlushBatch batch, FlushReport report, bool mayStart, WorkerId worker)
    {
        var now = engine.Context.Now;
        for (var i = 0; i < batch.Enqueues.Count; i++)
        {
            var (job, dispatch, _) = batch.Enqueues[i];
            var answer = report.Enqueues[i];
            if (dispatch)
            {
                engine.Runner.Dispatched(job,
                    mayStart && answer.Status == EnqueueStatus.Dispatched ? new JobClaim(job, 1, 0, now) { Worker = worker } : null);
            }

            if (report.Blocked.Enqueues.Contains(i))
            {
                continue;
            }

            if (answer.Status == EnqueueStatus.Stored && answer.State == JobState.Ready)
            {
                engine.Runner.Hint(job.Queue);
            }
            else if (answer.Status == EnqueueStatus.Stored && answer.State == JobState.Scheduled)
            {
                engine.DueAt(job.DueFrom(now));
            }
        }
    }

    private void TellCallers(FlushBatch batch, FlushReport report)
    {
        var (from, workflow) = (0, 0);
        foreach (var call in batch.Calls)
        {
            if (call is WorkflowEnqueue whole)
            {
                if (!report.Blocked.Workflows.Contains(workflow))
                {
                    call.Leave();
                    Tell(whole, report.Workflows[workflow]);
                }

                workflow++;
                continue;
            }

            if (!report.Blocked.Enqueues.Contains(from))
            {
                call.Leave();
                call.Tell(engine.Context.Metrics, report.Enqueues, from);
                call.Succeed(report.Enqueues, from);
            }

            from += call.Count;
        }
    }

    private void Tell(WorkflowEnqueue call, in WorkflowReport report)
    {
        if (report.Status == EnqueueStatus.Stored)
        {
            foreach (var step in call.Workflow!.Steps)
            {
                if (step.Step!.Pending == 0)
                {
                    engine.Runner.Hint(step.Queue);
                }
            }
        }

        engine.Context.Metrics.Sent(call.Workflow!, report);
        call.Succeed(report);
    }
}
