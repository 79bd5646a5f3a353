namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_lock)
        {
            if (!_workers.TryGetValue(request.Worker, out var worker))
            {
                return new(new BeatReport { Alive = false });
            }

            worker.Beats++;
            worker.LastBeat = now;
            worker.IdleQueues = request.IdleQueues;
            return new(ReportFor(worker, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(_workers.TryGetValue(worker, out var row) ? ReportFor(row, now) : new BeatReport { Alive = false });
        }
    }

    private BeatReport ReportFor(WorkerRow worker, DateTimeOffset now) => new()
    {
        Alive = true,
        Cancels = CancelsFor(worker),
        ReadyQueues = ReadyQueues(),
        IdleElsewhere = IdleElsewhere(worker),
        Others = [.. _workers.Where(w => w.Value != worker)
            .Select(w => new OtherWorker(w.Key, w.Value.Beats, now - w.Value.LastBeat, w.Value.Info.Lease))],
        NextDue = NextDue,
    };

    private DateTimeOffset? NextDue => _scheduled.Min?.DueAt;

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
        foreach (var queue in _queues.Values)
        {
            if (queue is { Ready: > 0, Paused: false })
            {
                ready.Add(queue.Name);
            }
        }

        return ready;
    }

    private List<string> IdleElsewhere(WorkerRow asking)
    {
        var idle = new List<string>();
        foreach (var worker in _workers.Values)
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
