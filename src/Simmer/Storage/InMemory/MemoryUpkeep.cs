namespace Simmer.Storage.InMemory;

/// <summary>What has to be done from time to time: due jobs, dead workers, jobs whose time is over.</summary>
internal sealed class MemoryUpkeep(MemoryTables tables, RunEnd runEnd, JobEnds jobEnds, WorkflowEnds workflowEnds, FollowUp follow,
    DepartedWorkers departed)
{
    private readonly Dictionary<string, (WorkerId Worker, DateTimeOffset Until)> _leases = new(StringComparer.Ordinal);

    public bool TryTakeLease(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now)
    {
        if (_leases.TryGetValue(name, out var lease) && lease.Worker != worker && lease.Until > now)
        {
            return false;
        }

        _leases[name] = (worker, now + duration);
        return true;
    }

    public PromoteReport Promote(int limit, DateTimeOffset now)
    {
        var count = 0;
        List<string> queues = [];
        while (count < limit && tables.Scheduled.Min is { } row && row.DueAt <= now)
        {
            tables.Move(row, JobState.Ready);
            count++;
            Note(queues, row);
        }

        return new PromoteReport(count, queues, tables.NextDue);
    }

    /// <remarks>There are no orphans to sweep here: a worker's row and its list of jobs are one object.</remarks>
    public RescueReport Rescue(RescueRequest request, DateTimeOffset now)
    {
        List<WorkerId> dead = [];
        List<JobId> rescued = [];
        List<JobId> cancelled = [];
        List<string> queues = [];
        foreach (var (id, beats) in request.Workers)
        {
            // Both must agree: the observer saw the counter stand still, and the store's clock says that a lease is over.
            if (!tables.Workers.TryGetValue(id, out var worker) || worker.Beats != beats
                || now - worker.LastBeat < (request.Lease > TimeSpan.Zero ? worker.Info.Lease ?? request.Lease : request.Lease))
            {
                continue;
            }

            _ = tables.Workers.Remove(id);
            departed.Note(id, worker.LastFlush);
            dead.Add(id);
            while (worker.Owned.First is { } row)
            {
                if (runEnd.Rescue(row, worker.Info.Slots ?? 1, now) == JobState.Ready)
                {
                    rescued.Add(row.Id);
                    Note(queues, row);
                }
                else
                {
                    cancelled.Add(row.Id);
                }
            }
        }

        return new RescueReport(dead, rescued, cancelled, queues, follow.Run(now));
    }

    public PruneReport Prune(int limit, DateTimeOffset now)
    {
        List<JobId> expired = [];
        while (expired.Count < limit && tables.Expiring.Min is { } row && row.Job.ExpiresFrom(row.EnqueuedAt) <= now)
        {
            jobEnds.Expire(row, now);
            expired.Add(row.Id);
        }

        var deleted = jobEnds.DeleteOverdue(limit - expired.Count, now);
        deleted += workflowEnds.DeleteOverdue(limit - expired.Count - deleted, now);
        return new PruneReport(deleted, expired, expired.Count + deleted >= limit, follow.Run(now));
    }

    private static void Note(List<string> queues, JobRow row)
    {
        if (!queues.Contains(row.Queue.Name))
        {
            queues.Add(row.Queue.Name);
        }
    }
}
