namespace Simmer.Storage.InMemory;

/// <summary>The registered workers, and the answers to their beats.</summary>
internal sealed class MemoryWorkers(MemoryTables tables, RunEnd end, FollowUp follow, DepartedWorkers departed)
{
    private long _lastWorker;

    public WorkerId Register(WorkerInfo worker, DateTimeOffset now)
    {
        var id = new WorkerId(++_lastWorker);
        tables.Workers.Add(id, new WorkerRow(id, worker, now));
        return id;
    }

    public void Deregister(WorkerId worker, DateTimeOffset now)
    {
        if (tables.Workers.Remove(worker, out var row))
        {
            departed.Note(worker, row.LastFlush);
            while (row.Owned.First is { } owned)
            {
                end.GiveBack(owned, now);
            }

            _ = follow.Run(now);
        }
    }

    public BeatReport Beat(BeatRequest request, DateTimeOffset now)
    {
        if (!tables.Workers.TryGetValue(request.Worker, out var worker))
        {
            return new BeatReport { Alive = false };
        }

        worker.Beats++;
        worker.LastBeat = now;
        worker.IdleQueues = request.IdleQueues;
        return ReportFor(worker, now);
    }

    public BeatReport Poll(WorkerId worker, DateTimeOffset now) =>
        tables.Workers.TryGetValue(worker, out var row) ? ReportFor(row, now) : new BeatReport { Alive = false };

    public OwnedJobs ClaimsOf(WorkerId worker)
    {
        var claims = new List<JobClaim>();
        for (var row = tables.Workers.GetValueOrDefault(worker)?.Owned.First; row is not null; row = row.Next)
        {
            claims.Add(row.ToClaim());
        }

        return new OwnedJobs(claims, []);
    }

    private BeatReport ReportFor(WorkerRow worker, DateTimeOffset now) => new()
    {
        Alive = true,
        Cancels = CancelsFor(worker),
        ReadyQueues = ReadyQueues(),
        IdleElsewhere = IdleElsewhere(worker),
        Others = [.. tables.Workers.Where(w => w.Value != worker)
            .Select(w => new OtherWorker(w.Key, w.Value.Beats, now - w.Value.LastBeat, w.Value.Info.Lease))],
        NextDue = tables.NextDue,
    };

    private static List<LeaseToken> CancelsFor(WorkerRow worker)
    {
        var cancels = new List<LeaseToken>();
        for (var row = worker.Owned.First; row is not null; row = row.Next)
        {
            if (row.CancelRequested)
            {
                cancels.Add(new LeaseToken(row.Id, row.Run));
            }
        }

        return cancels;
    }

    private List<string> ReadyQueues()
    {
        var ready = new List<string>();
        foreach (var queue in tables.Queues.Values)
        {
            if (queue.Ready > 0 && queue.IsOpen)
            {
                ready.Add(queue.Name);
            }
        }

        return ready;
    }

    private List<string> IdleElsewhere(WorkerRow asking)
    {
        var idle = new List<string>();
        foreach (var worker in tables.Workers.Values)
        {
            foreach (var queue in worker.IdleQueues)
            {
                if (worker != asking && !idle.Contains(queue))
                {
                    idle.Add(queue);
                }
            }
        }

        return idle;
    }
}
