namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_lock)
        {
            return new(StoreRules.Each(ids, id => _jobs.TryGetValue(id, out var row) ? Snapshot(row) : null));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<long?>> VersionsAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_lock)
        {
            return new(StoreRules.Each(ids, id => _jobs.TryGetValue(id, out var row) && !row.State.IsFinal() ? row.Version : (long?)null));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobRecord>> ListAsync(JobQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_lock)
        {
            // The oldest of the newest is on top and makes room: memory for a page, however many jobs there are.
            var page = new PriorityQueue<JobRow, JobId>();
            foreach (var row in _jobs.Values)
            {
                if (!Matches(row, query))
                {
                    continue;
                }

                page.Enqueue(row, row.Id);
                if (page.Count > query.Limit)
                {
                    _ = page.Dequeue();
                }
            }

            var records = new JobRecord[page.Count];
            for (var i = records.Length - 1; i >= 0; i--)
            {
                records[i] = Snapshot(page.Dequeue());
            }

            return new(records);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            List<JobCount> counts = [];
            foreach (var queue in _queues.Values)
            {
                for (var state = 0; state < queue.Counts.Length; state++)
                {
                    if (queue.Counts[state] > 0)
                    {
                        counts.Add(new JobCount(queue.Name, (JobState)state, queue.Counts[state]));
                    }
                }
            }

            return new(counts);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<QueueRecord>> QueuesAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            List<QueueRecord> queues = [];
            foreach (var queue in _queues.Values)
            {
                if (queue.Paused || queue.HoldsJobs)
                {
                    queues.Add(new QueueRecord(queue.Name, queue.Paused, Math.Min(queue.Ready, QueueRecord.CountedUpTo),
                        OldestReady(queue)) { Pause = queue.Pause, Declared = queue.Declared });
                }
            }

            return new(queues);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WorkerRecord>> WorkersAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            List<WorkerRecord> workers = [];
            foreach (var worker in _workers.Values)
            {
                workers.Add(new WorkerRecord(worker.Id, worker.Info, worker.Beats, now - worker.LastBeat, worker.Owned.Count));
            }

            return new(workers);
        }
    }

    private static bool Matches(JobRow row, JobQuery query) =>
        (query.Queue is null || query.Queue == row.Job.Queue)
        && (query.Kind is null || query.Kind == row.Job.Kind)
        && (query.State is null || query.State == row.State)
        && (query.Tag is null || row.Job.Tags.Contains(query.Tag))
        && (query.Before is not { } before || row.Id.CompareTo(before) < 0);

    /// <summary>By the first of each priority, which was stored before all that follow it: looking at every row would stop the
    /// queue.</summary>
    private static DateTimeOffset? OldestReady(MemoryQueue queue)
    {
        DateTimeOffset? oldest = null;
        foreach (var level in queue.Levels)
        {
            if (level.First is { } first && (oldest is null || first.EnqueuedAt < oldest))
            {
                oldest = first.EnqueuedAt;
            }
        }

        return oldest;
    }

    private static JobRecord Snapshot(JobRow row)
    {
        var (job, detail) = (row.Job, row.Detail);
        return new JobRecord
        {
            Id = job.Id,
            Kind = job.Kind,
            Queue = job.Queue,
            State = row.State,
            Version = row.Version,
            Priority = job.Priority,
            Run = row.Run,
            Attempt = row.Run - row.Forgiven,
            MaxAttempts = job.MaxAttempts,
            TimeLimit = job.TimeLimit,
            EnqueuedAt = row.EnqueuedAt,
            DueAt = row.State == JobState.Scheduled ? row.DueAt : null,
            ExpiresAt = row.ExpiresAt,
            StartedAt = row.Run == 0 ? null : row.StartedAt,
            FinishedAt = detail?.FinishedAt,
            Progress = detail?.Progress,
            ProgressText = detail?.ProgressText,
            Reason = detail?.Reason,
            CancelRequested = row.CancelRequested,
            Stuck = detail?.Stuck ?? false,
            UniqueKey = row.UniqueKey,
            UniqueWhile = job.UniqueWhile,
            Tags = job.Tags,
            Errors = detail?.Errors ?? [],
            Payload = job.Payload,
            Result = detail?.Result,
            ResultItem = detail?.ResultItem,
            Worker = row.Owner?.Info.Name,
            TraceParent = job.TraceParent,
            TraceState = job.TraceState,
            Workflow = job.Step?.Workflow,
            Step = job.Step?.Name,
        };
    }
}
