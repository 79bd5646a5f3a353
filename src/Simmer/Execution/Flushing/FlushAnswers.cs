using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Enqueue;
using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Execution.Flushing;

/// <summary>Passes on the answers of a flush: to the callers, the queues, the watches and the upkeep.</summary>
/// <param name="context">What the engine's parts share.</param>
/// <param name="registration">This process as a worker of the store.</param>
/// <param name="runner">The queues of this process.</param>
/// <param name="releases">What followed from steps that ended.</param>
/// <param name="due">When scheduled jobs are due.</param>
/// <param name="setAside">What the store leaves alone for a while.</param>
/// <param name="plan">What the flush dispatches and claims.</param>
internal sealed class FlushAnswers(
    EngineContext context, WorkerRegistration registration, QueueRunner runner, Releases releases, DueTimes due, SetAsideJobs setAside,
    FlushPlan plan)
{
    public void HandOut(FlushBatch batch, FlushReport report, WorkerId worker)
    {
        // The answer may come so late that this worker has been declared dead meanwhile. Then the claimed jobs run elsewhere, or soon will.
        var isOurs = registration.Current == worker;
        HandOutSettlements(batch, report);

        // The answer to a repeated flush says what is so now. A job of this batch may run here already, because an earlier enqueue of the
        // same id was dispatched; adoption finds out.
        HandOutEnqueues(batch, report, isOurs && !report.WasRepeat, worker);
        TellCallers(batch, report);
        runner.Answered(batch.Claims, batch.Hints, isOurs ? report.Claims : [], worker);
        if (report.Blocked.Claims)
        {
            plan.HintClaims(batch);
        }

        foreach (var note in batch.Notes)
        {
            context.Watcher.Notify(note.Token.Id);
        }

        for (var i = 0; i < batch.GiveBacks.Count; i++)
        {
            if (!report.Blocked.GiveBacks.Contains(i))
            {
                context.Watcher.Notify(batch.GiveBacks[i].Id);
            }
        }

        setAside.Note(report.SetAside);
        foreach (var id in report.Expired)
        {
            context.Logger.JobExpired(id);
            context.Watcher.Notify(id);
        }

        foreach (var claim in report.Claims)
        {
            context.Watcher.Notify(claim.Job.Id);
        }

        releases.Tell(report.Released);

        // Jobs that were given back are ready again, perhaps for this very process.
        if (batch.GiveBacks.Count > 0)
        {
            runner.HintAll();
        }
    }

    private void HandOutSettlements(FlushBatch batch, FlushReport report)
    {
        // This comes first, because callers that wait for the end of a job read it as soon as they are notified.
        context.Watcher.Ended.Note(batch.Settlements, report.Settlements);
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
                context.Metrics.LeaseLost();
                context.Logger.SettlementLost(settlement.Token.Id, settlement.Token.Run, settlement.State);
            }
            else if (answer.State == JobState.Scheduled)
            {
                due.Tell(settlement.DueFrom(context.Now));
            }
            else if (answer.State == JobState.Ready)
            {
                runner.HintAll();
            }

            if (settlement.Added is { Count: > 0 } added && answer is { Settled: true, State: JobState.Succeeded })
            {
                context.Metrics.Sent(added);
            }

            context.Watcher.Notify(settlement.Token.Id);
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
        var now = context.Now;
        for (var i = 0; i < batch.Enqueues.Count; i++)
        {
            var (job, dispatch, _) = batch.Enqueues[i];
            var answer = report.Enqueues[i];
            if (dispatch)
            {
                runner.Dispatched(job,
                    mayStart && answer.Status == EnqueueStatus.Dispatched ? new JobClaim(job, 1, 0, now) { Worker = worker } : null);
            }

            if (report.Blocked.Enqueues.Contains(i))
            {
                continue;
            }

            if (answer.Status == EnqueueStatus.Stored && answer.State == JobState.Ready)
            {
                runner.Hint(job.Queue);
            }
            else if (answer.Status == EnqueueStatus.Stored && answer.State == JobState.Scheduled)
            {
                due.Tell(job.DueFrom(now));
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
                call.Tell(context.Metrics, report.Enqueues, from);
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
                    runner.Hint(step.Queue);
                }
            }
        }

        context.Metrics.Sent(call.Workflow!, report);
        call.Succeed(report);
    }
}
