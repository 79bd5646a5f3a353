namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    private SettleReport[] Settle(IReadOnlyList<Settlement> settlements, WorkerRow worker, DateTimeOffset now)
    {
        if (settlements.Count == 0)
        {
            return [];
        }

        var reports = new SettleReport[settlements.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            reports[i] = Held(settlements[i].Token, worker) is { } row
                ? new SettleReport(true, Settle(row, settlements[i], now))
                : Lost(settlements[i]);
        }

        return reports;
    }

    private JobState Settle(JobRow row, Settlement settlement, DateTimeOffset now)
    {
        // The job ended by itself, so it is not what kills processes.
        row.Suspicion = 0;
        row.StartedAt = settlement.StartedAt == default ? row.StartedAt : settlement.StartedAt;
        if (settlement.Forgive)
        {
            row.Forgiven++;
        }

        if (settlement.Error is { } error)
        {
            row.Details.Add(error);
        }

        if (settlement.Progress is { } note)
        {
            Note(row, note);
        }

        var cancelReason = row.Detail?.CancelReason;
        EndRun(row);
        if (settlement.State.IsFinal())
        {
            if (row.Detail?.Step is { } step && settlement.State == JobState.Succeeded)
            {
                if (settlement.Added is { Count: > 0 } added)
                {
                    var present = step.Workflow.Steps.Count;
                    var why = StoreRules.WhyTooMany(present, added.Count)
                        ?? (!step.Workflow.CancelRequested && TakenAmong(step.Workflow.Id, present + 1, added.Count) is { } taken
                            ? StoreRules.WhyStepTaken(taken.Id, taken.Job.Kind)
                            : null);
                    if (why is not null)
                    {
                        Finish(row, JobState.Failed, why, settlement.KeepFor, now);
                        return JobState.Failed;
                    }

                    Add(step, row.Job.Step!, added, settlement.Branch, now);
                }

                step.Branch = settlement.Branch;
            }

            if ((settlement.KeepFor > TimeSpan.Zero || row.Detail?.Step is not null)
                && (settlement.Result is not null || settlement.ResultItem is not null))
            {
                (row.Details.Result, row.Details.ResultItem) = (settlement.Result, settlement.ResultItem);
            }

            Finish(row, settlement.State, settlement.ReasonFor(cancelReason), settlement.KeepFor, now);
            return settlement.State;
        }

        if (row.CancelRequested)
        {
            Finish(row, JobState.Cancelled, settlement.ReasonFor(cancelReason), settlement.KeepCancelledFor, now);
            return JobState.Cancelled;
        }

        row.DueAt = settlement.DueFrom(now) ?? now;
        Move(row, settlement.State);
        return settlement.State;
    }

    /// <summary>The running row that this lease proves, or nothing: the lease was lost.</summary>
    private JobRow? Held(LeaseToken token, WorkerRow worker) =>
        _jobs.TryGetValue(token.Id, out var row) && row.Run == token.Run && row.Owner == worker ? row : null;

    private SettleReport Lost(Settlement settlement) => new(false, _jobs.GetValueOrDefault(settlement.Token.Id)?.State ?? JobState.Unknown);

    private static void EndRun(JobRow row)
    {
        if (row.Detail is { } detail)
        {
            detail.Stuck = false;
            detail.CancelReason = null;
        }
    }
}
