using System.Data.Common;
using Simmer.Diagnostics;
using Simmer.Jobs;
using Simmer.Runtime;
using Simmer.Storage;
using Simmer.Workflows;

namespace Simmer.Execution;

/// <summary>The success of a run, written inside its handler's own transaction. Whether that was committed only the store knows; it is
/// asked when the handler has ended.</summary>
internal sealed class Completion(JobRun run, JobContext context) : IJobCompletion
{
    /// <summary>With rests that double, long enough for a server to restart.</summary>
    private const int Looks = 7;

    private static readonly TimeSpan s_firstRest = TimeSpan.FromMilliseconds(50);

    private readonly RunParts _parts = run.Runner.Parts;
    private IReadOnlyList<JobDraft>? _added;
    private bool _isLost;

    /// <summary>Whether the success is written in a transaction, which may have been committed since, rolled back or neither.</summary>
    public bool IsWritten { get; private set; }

    public async Task WriteAsync(DbTransaction transaction, HandlerAnswer answer, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        var store = StoreOf(transaction);
        var settlement = _parts.Executor.Early(run, answer, context);
        if (!run.TrySilence())
        {
            throw new InvalidOperationException(
                $"The attempt of job {context.Id} ({context.Kind}) has ended, so the job cannot be completed by it any more. Await "
                + "CompleteWithinAsync in the handler.");
        }

        // Progress that was noted and not sent is dropped: a flush with a note for the row that this transaction is about to lock would
        // have to wait for it.
        _parts.Intake.Forget(run.Claim.Token);

        var report = await SettleAsync(store, transaction, settlement, cancellationToken);
        if (report is { Settled: true, State: JobState.Succeeded })
        {
            (IsWritten, _added) = (true, settlement.Added);
            return;
        }

        // Ended as the transaction sees it, and running as all others do. Not told by the object: Npgsql gives the same one out again for
        // the next transaction of a connection.
        if (report is { Settled: false, State: not JobState.Running } && IsWritten && IsHeld(await ReadRecordAsync()))
        {
            throw new InvalidOperationException(
                $"Job {context.Id} ({context.Kind}) is completed in this transaction already. Complete it once, then commit.");
        }

        // Not left to the handler: one that catches the exception must not commit all the same.
        await RollBackAsync(transaction);
        if (report.Settled)
        {
            throw new StepResultException(
                $"Step '{context.StepName}' adds more steps than there is room for: a workflow has at most {WorkflowId.MaxSteps:N0}. The "
                + "transaction was rolled back.");
        }

        Lose();
        throw new LeaseLostException(context.Id, context.Kind, run.Claim.Run, report.State);
    }

    // Without a registration this worker was declared dead.
    private async ValueTask<SettleReport> SettleAsync(ITransactionalStore store, DbTransaction transaction, Settlement settlement,
        CancellationToken cancellationToken)
    {
        if (_parts.Registration.Current is not { } worker)
        {
            return new SettleReport(false, JobState.Running);
        }

        try
        {
            return await store.SettleWithinAsync(transaction, worker, settlement, _parts.Context.Now, cancellationToken);
        }
        catch (StoreException e) when (SnapshotConflicts.Is(e))
        {
            return await ExplainAsync(e);
        }
    }

    /// <summary>Explains a conflict: a row has changed since the transaction took its snapshot. Another worker has the job by now, a cancel
    /// was requested, or the job is a step and another one of its workflow has ended.</summary>
    private async ValueTask<SettleReport> ExplainAsync(StoreException conflict)
    {
        var job = await TryLookAsync();
        if (job.IsKnown && !IsHeld(job.Record))
        {
            return new SettleReport(false, job.Record?.State ?? JobState.Unknown);
        }

        var cancelled = job.Record is { CancelRequested: true };
        if (cancelled)
        {
            run.Stop(StopReason.Cancelled);
        }

        throw new StoreException(
            $"Job {context.Id} ({context.Kind}) cannot be completed in this transaction, and nothing of its success was written: since "
                + "the transaction took its snapshot " +
            (cancelled
                ? "its cancel was asked for, which is noted in its row. "
                : context.StepName is null
                ? "a row that it needs has changed. "
                : "a row that it needs has changed, of its workflow if another step ended meanwhile. ") +
            "Roll the transaction back; not caught, this makes the attempt end "
                + (cancelled ? "as cancelled. " : "and the job run again at once, without spending an attempt. ") + conflict.Message,
            isTransient: true, inner: conflict.InnerException);
    }

    private async ValueTask<(bool IsKnown, JobRecord? Record)> TryLookAsync()
    {
        try
        {
            return (true, await ReadRecordAsync());
        }
        catch (StoreException)
        {
            // The conflict says enough.
            return (false, null);
        }
    }

    /// <summary>Decides how the run ended when its handler has: what the handler did says nothing about the commit.</summary>
    /// <remarks>It returns a Task and no ValueTask: the awaiter of the latter contains the whole outcome and would make the state of every
    /// run larger by that.</remarks>
    public async Task<JobOutcome> JudgeAsync(JobOutcome outcome)
    {
        if (!IsWritten)
        {
            return _isLost ? outcome with { Kind = OutcomeKind.LeaseLost } : outcome;
        }

        JobRecord? job;
        try
        {
            job = await ReadRecordAsync();
        }
        catch (StoreException e)
        {
            // Settled as if it were not: where it was, the settlement finds no row and has no effect.
            return NotCommitted(outcome, e);
        }

        // Only this run can have made the job succeed under its number. A job that is gone is one that is not kept.
        if (job is null || (job.State == JobState.Succeeded && job.Run == run.Claim.Run))
        {
            return Committed(outcome);
        }

        if (IsHeld(job))
        {
            return NotCommitted(outcome, null);
        }

        Lose();
        return outcome with { Kind = OutcomeKind.LeaseLost };
    }

    private ITransactionalStore StoreOf(DbTransaction transaction)
    {
        if (_parts.Store is not ITransactionalStore store)
        {
            throw new InvalidOperationException(
                $"Job {context.Id} ({context.Kind}) is in queue '{context.Queue}', which is in memory, and no database transaction can "
                    + "complete it. Use a durable queue, or leave CompleteWithinAsync out.");
        }

        return store.WhyNot(transaction) is { } why
            ? throw new InvalidOperationException(
                $"The transaction cannot complete job {context.Id} ({context.Kind}): {why}. Give an open transaction on the database "
                + "that holds the jobs.")
            : store;
    }

    private static async Task RollBackAsync(DbTransaction transaction)
    {
        try
        {
            await transaction.RollbackAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is DbException or InvalidOperationException or IOException)
        {
            // Its connection is gone, and the transaction with it.
            return;
        }
    }

    private void Lose()
    {
        if (!_isLost)
        {
            _isLost = true;
            _parts.Context.Metrics.LeaseLost();
            _parts.Context.Logger.SettlementLost(context.Id, run.Claim.Run, JobState.Succeeded);
        }
    }

    private JobOutcome Committed(in JobOutcome outcome)
    {
        if (_added is not null)
        {
            _parts.Context.Metrics.Sent(_added);
        }

        if (!outcome.IsSuccess)
        {
            _parts.Context.Logger.IgnoredAfterCommit(outcome.Error, context.Kind, context.Id,
                outcome.Verdict is { } verdict ? $"the verdict {verdict.Kind}" : outcome.Kind.ToString());
        }

        return new JobOutcome(OutcomeKind.Committed, Error: outcome.Error);
    }

    private bool IsHeld(JobRecord? job) => job is { State: JobState.Running } && job.Run == run.Claim.Run;

    // A handler that failed, or gave another verdict, had reason not to commit.
    private static JobOutcome NotCommitted(in JobOutcome outcome, StoreException? error) =>
        outcome.IsSuccess ? new JobOutcome(OutcomeKind.NotCommitted, Error: error) : outcome;

    private async ValueTask<JobRecord?> ReadRecordAsync()
    {
        for (var look = 1; ; look++)
        {
            try
            {
                return (await _parts.Store.Browser.GetAsync([context.Id], CancellationToken.None))[0];
            }
            catch (StoreException e) when (e.IsTransient && look < Looks)
            {
                await Task.Delay(s_firstRest * Math.Pow(2, look - 1), _parts.Context.Time);
            }
        }
    }
}
