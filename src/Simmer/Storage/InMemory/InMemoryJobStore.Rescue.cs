namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    /// <remarks>There are no orphans to sweep here: a worker's row and its list of jobs are one object.</remarks>
    public ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_lock)
        {
            List<WorkerId> dead = [];
            List<JobId> rescued = [];
            List<JobId> cancelled = [];
            List<string> queues = [];
            foreach (var (id, beats) in request.Workers)
            {
                // Both must agree: the observer saw the counter stand still, and the store's clock says that a lease is over.
                if (!_workers.TryGetValue(id, out var worker) || worker.Beats != beats
                    || now - worker.LastBeat < (request.Lease > TimeSpan.Zero ? worker.Info.Lease ?? request.Lease : request.Lease))
                {
                    continue;
                }

                _ = _workers.Remove(id);
                Depart(id, worker.LastFlush);
                dead.Add(id);
                while (worker.Owned.First is { } row)
                {
                    (Rescue(row, worker.Info.Slots ?? 1, request.KeepCancelledFor, now) == JobState.Ready ? rescued : cancelled)
                        .Add(row.Id);
                    if (row.State == JobState.Ready && !queues.Contains(row.Engine.Name))
                    {
                        queues.Add(row.Engine.Name);
                    }
                }
            }

            return new(new RescueReport(dead, rescued, cancelled, queues, Follow(now)));
        }
    }

    private JobState Rescue(JobRow row, int slots, TimeSpan keepCancelledFor, DateTimeOffset now)
    {
        row.Details
            .Add(new AttemptError(row.Run, row.Run - row.Forgiven, now, ErrorTypes.LeaseLost,
            "The worker stopped renewing its lease while the job ran."));
        var cancelReason = row.Detail?.CancelReason;
        EndRun(row);
        if (row.CancelRequested)
        {
            Finish(row, JobState.Cancelled, cancelReason, keepCancelledFor, now);
            return JobState.Cancelled;
        }

        // One of a dead worker's jobs may have killed it, the others were bystanders: nobody pays before a job ran as the only suspect, so
        // that the death was its own. An end as poison is decided by who claims it, with the error history at hand.
        (row.Suspicion, var spends) = SuspectRoom.AfterDeath(row.Suspicion, slots);
        row.Forgiven += spends ? 0 : 1;

        Move(row, JobState.Ready);
        return JobState.Ready;
    }
}
