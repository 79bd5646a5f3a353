using Simmer.Context;
using Simmer.Execution.Intake;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>What follows when a run ends: its settlement is handed over, those who wait for the job are told, and the next run takes its
/// slot.</summary>
internal sealed class RunEnds(EngineContext context, FlushIntake intake, JobTable table)
{
    /// <summary>Ends a run. Its settlement is handed over before it leaves the table, so that at every moment the job is in one of the two.
    /// Before that its slot is freed and the flusher is told, so that an empty table beside an idle flusher means that nothing is left to
    /// start.</summary>
    /// <returns>The run that takes its slot, to be started now.</returns>
    public JobRun? Finish(JobRun run, OutcomeKind outcome, Settlement settlement)
    {
        if (run.Source is { } source)
        {
            var following = source.Ended(run);
            table.Remove(run);
            return following;
        }

        TellLost(run, settlement);
        if (outcome == OutcomeKind.Committed)
        {
            Committed(run, settlement);
        }
        else if (outcome is OutcomeKind.Interrupted or OutcomeKind.LeaseLost or OutcomeKind.UnknownKind)
        {
            intake.GiveBack(run.Claim.Token);
        }
        else
        {
            intake.Settle(settlement);
        }

        var next = run.Runner.Finished(run);
        if (next is null)
        {
            table.Remove(run);
            return null;
        }

        table.Replace(run, next);
        next.LocalQueue.Arrived();
        run.Runner.Joined(next);
        return next;
    }

    /// <summary>Tells callers that wait in this process of an end that the store does not keep.</summary>
    private void TellLost(JobRun run, Settlement settlement)
    {
        if (settlement.State == JobState.Succeeded || settlement.Step is not null)
        {
            return;
        }

        var isFinal = settlement.State.IsFinal();
        if (isFinal
            ? settlement.KeepFor > TimeSpan.Zero
            : run.StopReason != StopReason.Cancelled || settlement.KeepCancelledFor > TimeSpan.Zero)
        {
            return;
        }

        var (claim, job) = (run.Claim, run.Claim.Job);
        context.Watcher.Ended.Add(new JobRecord
        {
            Id = job.Id,
            Kind = job.Kind,
            Queue = job.Queue,
            State = isFinal ? settlement.State : JobState.Cancelled,
            Priority = job.Priority,
            Run = claim.Run,
            Attempt = claim.Attempt,
            MaxAttempts = job.MaxAttempts,
            EnqueuedAt = claim.EnqueuedAt,
            StartedAt = run.StartedAt,
            FinishedAt = context.Now,
            Progress = settlement.Progress?.Fraction,
            ProgressText = settlement.Progress?.Text,
            Reason = settlement.ReasonFor(null),
            Tags = job.Tags,
            Errors = settlement.Error is { } error ? [error] : [],
            TraceParent = job.TraceParent,
        });
    }

    /// <summary>Called when a transaction of its handler has settled a run. The store cannot tell what followed from that.</summary>
    private void Committed(JobRun run, Settlement settlement)
    {
        context.Watcher.Ended.Succeeded(settlement);
        context.Watcher.Notify(settlement.Token.Id);
        if (settlement.Step is not null)
        {
            run.Runner.MayHaveWork();
        }
    }
}
