namespace Simmer.Storage.InMemory;

/// <summary>For looking at what the in-memory store holds.</summary>
internal sealed class MemoryBrowser(MemoryTables tables) : IJobBrowser
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (tables.Gate)
        {
            return new(StoreRules.Each(ids, id => tables.Jobs.TryGetValue(id, out var row) ? Snapshots.Of(row) : null));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<long?>> VersionsAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (tables.Gate)
        {
            return new(StoreRules.Each(ids,
                id => tables.Jobs.TryGetValue(id, out var row) && !row.State.IsFinal() ? row.Version : (long?)null));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobRecord>> ListAsync(JobQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (tables.Gate)
        {
            return new(Array.ConvertAll(Newest(query), Snapshots.Of));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobId>> FindAsync(JobQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (tables.Gate)
        {
            return new(Array.ConvertAll(Newest(query), static row => row.Id));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken)
    {
        lock (tables.Gate)
        {
            List<JobCount> counts = [];
            foreach (var queue in tables.Queues.Values)
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
        lock (tables.Gate)
        {
            List<QueueRecord> queues = [];
            foreach (var queue in tables.Queues.Values)
            {
                if (queue.Pause is not null || queue.HoldsJobs)
                {
                    queues.Add(new QueueRecord(queue.Name, queue.Pause is not null, Math.Min(queue.Ready, QueueRecord.CountedUpTo),
                        OldestReady(queue)) { Pause = queue.Pause, Declared = queue.Declared });
                }
            }

            return new(queues);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WorkerRecord>> WorkersAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (tables.Gate)
        {
            List<WorkerRecord> workers = [];
            foreach (var worker in tables.Workers.Values)
            {
                workers.Add(new WorkerRecord(worker.Id, worker.Info, worker.Beats, now - worker.LastBeat, worker.Owned.Count));
            }

            return new(workers);
        }
    }

    /// <inheritdoc/>
    public ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken)
    {
        lock (tables.Gate)
        {
            return new(tables.Workflows.TryGetValue(id, out var workflow) ? Snapshots.Of(workflow, counted) : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<long?>> WorkflowVersionsAsync(IReadOnlyList<WorkflowId> ids, bool counted,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (tables.Gate)
        {
            return new(StoreRules.Each(ids, id =>
                tables.Workflows.TryGetValue(id, out var workflow)
                    && Snapshots.Of(workflow, counted) is { State: WorkflowState.Running } record
                    ? record.Version
                    : (long?)null));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StepSnapshot>> StepsAsync(WorkflowId id, IReadOnlyCollection<int>? numbers,
        CancellationToken cancellationToken)
    {
        lock (tables.Gate)
        {
            if (!tables.Workflows.TryGetValue(id, out var workflow))
            {
                return new([]);
            }

            var wanted = numbers?.Where(n => n > 0 && n <= workflow.Steps.Count).Distinct().Order().Select(n => workflow.Steps[n - 1])
                ?? workflow.Steps;
            return new([.. wanted.Select(Snapshots.OfStep)]);
        }
    }

    /// <summary>A page of rows, newest first. The oldest of the page so far is on top of the heap and makes room, so a page takes the same
    /// memory however many jobs there are.</summary>
    private JobRow[] Newest(JobQuery query)
    {
        var page = new PriorityQueue<JobRow, JobId>();
        foreach (var row in tables.Jobs.Values)
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

        var rows = new JobRow[page.Count];
        for (var i = rows.Length - 1; i >= 0; i--)
        {
            rows[i] = page.Dequeue();
        }

        return rows;
    }

    private static bool Matches(JobRow row, JobQuery query) =>
        (query.Queue is null || query.Queue == row.Job.Queue)
        && (query.Kind is null || query.Kind == row.Job.Kind)
        && (query.States.Count == 0 || query.States.Contains(row.State))
        && (query.Tag is null || row.Job.Tags.Contains(query.Tag))
        && (query.EnqueuedAfter is not { } from || row.EnqueuedAt >= from)
        && (query.EnqueuedBefore is not { } until || row.EnqueuedAt < until)
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
}
