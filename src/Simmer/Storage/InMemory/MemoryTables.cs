namespace Simmer.Storage.InMemory;

/// <summary>What the rooms of the in-memory store share: its rows, and the structures by which they are found.</summary>
/// <remarks>One lock and plain collections. A job is one row from its first moment to its pruning; its state says which of the structures
/// below refer to it, and <see cref="Enter"/> and <see cref="Leave"/> are the only places that keep them in step.</remarks>
internal sealed class MemoryTables
{
    private long _lastSequence;

    /// <summary>Held around every verb, by the facade and by the browser; nothing else locks.</summary>
    public Lock Gate { get; } = new();

    public Dictionary<JobId, JobRow> Jobs { get; } = [];

    public Dictionary<string, MemoryQueue> Queues { get; } = new(StringComparer.Ordinal);

    public Dictionary<(string Kind, string Key), JobRow> Keys { get; } = [];

    public Dictionary<WorkerId, WorkerRow> Workers { get; } = [];

    public Dictionary<WorkflowId, WorkflowRow> Workflows { get; } = [];

    /// <summary>The reports of ended steps to their children, until <see cref="FollowUp"/> carries them out.</summary>
    public StepLedger Ledger { get; } = new();

    public SortedSet<JobRow> Scheduled { get; } = new(RowOrders.ByDueTime);

    /// <summary>Jobs that have not started and may expire.</summary>
    public SortedSet<JobRow> Expiring { get; } = new(RowOrders.ByExpiry);

    /// <summary>Finished jobs, the oldest first; steps are kept by their workflows.</summary>
    public RowList History { get; } = new();

    public DateTimeOffset? NextDue => Scheduled.Min?.DueAt;

    /// <summary>The last place in any queue.</summary>
    public long NextSequence() => ++_lastSequence;

    public MemoryQueue QueueOf(string name)
    {
        if (!Queues.TryGetValue(name, out var queue))
        {
            Queues[name] = queue = new MemoryQueue(name);
        }

        return queue;
    }

    /// <summary>A new row, which is in no state yet.</summary>
    public JobRow Add(JobDraft job, DateTimeOffset now)
    {
        var row = new JobRow(job, QueueOf(job.Queue), now) { Sequence = NextSequence() };
        Jobs.Add(job.Id, row);
        return row;
    }

    /// <summary>The running row that a lease proves; <see langword="null"/>: the lease was lost.</summary>
    public JobRow? Held(LeaseToken token, WorkerRow worker) =>
        Jobs.TryGetValue(token.Id, out var row) && row.Run == token.Run && row.Owner == worker ? row : null;

    public JobState StateOf(JobId id) => Jobs.TryGetValue(id, out var row) ? row.State : JobState.Unknown;

    /// <summary>Moves a row from one state to another and keeps every structure in step. What the new state needs (due time, owner) is set
    /// before.</summary>
    public void Move(JobRow row, JobState to)
    {
        var from = row.State;
        if (!JobTransitions.IsLegal(from, to))
        {
            throw new InvalidOperationException($"Job {row.Id} cannot go from {from} to {to}; see {nameof(JobTransitions)}.");
        }

        if (from != JobState.Unknown)
        {
            Leave(row);
        }

        row.State = to;
        row.Version++;
        Enter(row);
    }

    public void Forget(JobRow row)
    {
        Leave(row);
        row.State = JobState.Unknown;
        _ = Jobs.Remove(row.Id);
    }

    public void ReleaseKey(JobRow row)
    {
        // The holder is compared, because a finished job remembers its key but does not hold it any more.
        if (row.UniqueKey is { } key && Keys.TryGetValue((row.Job.Kind, key), out var holder) && ReferenceEquals(holder, row))
        {
            _ = Keys.Remove((row.Job.Kind, key));
        }
    }

    private void Enter(JobRow row)
    {
        row.Queue.Counts[(int)row.State]++;
        switch (row.State)
        {
            case JobState.Ready:
                row.Queue.Add(row);
                break;
            case JobState.Scheduled:
                _ = Scheduled.Add(row);
                break;
            case JobState.Running:
                row.Owner!.Owned.AddLast(row);
                break;
            case var state when state.IsFinal() && row.Step is null:
                History.AddLast(row);
                break;
        }

        if (row.State is JobState.Ready or JobState.Scheduled && row.CanExpire)
        {
            _ = Expiring.Add(row);
        }
    }

    private void Leave(JobRow row)
    {
        row.Queue.Counts[(int)row.State]--;
        switch (row.State)
        {
            case JobState.Ready:
                row.Queue.Remove(row);
                break;
            case JobState.Scheduled:
                _ = Scheduled.Remove(row);
                break;
            case JobState.Running:
                row.Owner!.Owned.Remove(row);
                row.Owner = null;
                break;
            case var state when state.IsFinal() && row.Step is null:
                History.Remove(row);
                break;
        }

        // By the draft, not by what can expire now: the numbers that decide it may have been raised already.
        if (row.State is JobState.Ready or JobState.Scheduled && row.Expires)
        {
            _ = Expiring.Remove(row);
        }
    }
}
