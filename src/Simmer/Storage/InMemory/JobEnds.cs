using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>Ends jobs, whether they run or wait, and forgets them when their time is over.</summary>
/// <param name="tables">The rows.</param>
/// <param name="historyLimit">How many finished jobs are kept at most; the oldest go first, whatever their retention.</param>
internal sealed class JobEnds(MemoryTables tables, int historyLimit)
{
    /// <summary>Finished jobs by the end of their retention. Entries of jobs that were retried or deleted meanwhile are dropped when their
    /// turn comes.</summary>
    private readonly PriorityQueue<JobRow, DateTimeOffset> _finished = new();

    /// <summary>Ends a job: releases its key, and keeps it for a while or forgets it. A step is kept by its workflow.</summary>
    public void End(JobRow row, JobState state, string? reason, TimeSpan keepFor, DateTimeOffset now)
    {
        row.CancelRequested = false;
        tables.ReleaseKey(row);
        tables.Move(row, state);
        if (row.Step is { } step)
        {
            (row.Details.FinishedAt, row.Details.Reason) = (now, reason);
            if (FollowDecision.Tells(step.Tally.Pending))
            {
                tables.Ledger.Ended(step.Workflow.Id, row.Job.Step!.Next, StepLedger.EndOf(state, step.Tally), step.Branch);
            }

            return;
        }

        if (!KeepDecision.IsKept(isStep: false, keepFor))
        {
            tables.Forget(row);
            return;
        }

        var details = row.Details;
        details.FinishedAt = now;
        details.Reason = reason;
        details.KeepUntil = KeepDecision.Until(isStep: false, keepFor, now);
        _finished.Enqueue(row, details.KeepUntil);
        BoundHistory();
    }

    /// <summary>Ends a job that has expired before it started.</summary>
    public void Expire(JobRow row, DateTimeOffset now) =>
        End(row, JobState.Cancelled, StoreRules.ExpiredReason, row.Queue.KeepCancelledFor, now);

    /// <summary>Cancels a job. It ends, unless it runs; then its worker learns of the cancel with the next beat.</summary>
    public CancelReport Cancel(JobRow row, string? reason, DateTimeOffset now)
    {
        var result = CancelDecision.For(row.State);
        if (result == CancelResult.Cancelled)
        {
            End(row, JobState.Cancelled, reason, row.Queue.KeepCancelledFor, now);
            return new CancelReport(result) { IsForgotten = row.State == JobState.Unknown };
        }

        if (result != CancelResult.Requested)
        {
            return new CancelReport(result);
        }

        // The first reason stands: a second cancel changes nothing.
        if (!row.CancelRequested)
        {
            row.CancelRequested = true;
            row.Details.CancelReason = reason;
            row.Version++;
        }

        return new CancelReport(result, row.Owner!.Id, row.Run);
    }

    /// <summary>Forgets jobs whose retention is over.</summary>
    /// <returns>How many.</returns>
    public int DeleteOverdue(int limit, DateTimeOffset now)
    {
        var deleted = 0;
        while (deleted < limit && _finished.TryPeek(out var row, out var until) && until <= now)
        {
            _ = _finished.Dequeue();
            if (row.State.IsFinal() && row.Detail!.KeepUntil == until)
            {
                tables.Forget(row);
                deleted++;
            }
        }

        return deleted;
    }

    private void BoundHistory()
    {
        while (tables.History.Count > historyLimit)
        {
            tables.Forget(tables.History.First!);
        }

        // A job that was forgotten is still noted by the end of its retention. Once such notes are most of all, they are written anew.
        if (_finished.Count > 2 * historyLimit + 1_000)
        {
            _finished.Clear();
            for (var row = tables.History.First; row is not null; row = row.Next)
            {
                _finished.Enqueue(row, row.Details.KeepUntil);
            }
        }
    }
}
