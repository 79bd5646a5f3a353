namespace Simmer.Storage.InMemory;

/// <summary>Jobs in this process's memory: fast, lost with the process, and the model against which the databases are checked.</summary>
/// <remarks>One lock and plain collections: every verb is done when it returns. A job is one row from its first moment to its pruning; its
/// state says which of the structures below refer to it, and <see cref="Enter"/> and <see cref="Leave"/> are the only places that keep them
/// in step.</remarks>
/// <param name="historyLimit">How many finished jobs are kept at most; the oldest go first, whatever their retention: memory must not
/// creep.</param>
internal sealed partial class InMemoryJobStore(int historyLimit = InMemoryJobStore.HistoryLimit) : IJobStore, IJobBrowser
{
    public const int HistoryLimit = 10_000;

    private static readonly bool[,] s_legal = LegalMoves();

    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, JobRow> _jobs = [];
    private readonly Dictionary<string, MemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kind, string Key), JobRow> _keys = [];
    private readonly SortedSet<JobRow> _scheduled = new(RowOrders.ByDueTime);
    private readonly SortedSet<JobRow> _expiring = new(RowOrders.ByExpiry);

    /// <summary>Finished jobs by the end of their retention. Entries of jobs that were retried or deleted meanwhile are dropped when their
    /// turn comes.</summary>
    private readonly PriorityQueue<JobRow, DateTimeOffset> _finished = new();

    /// <summary>Finished jobs, the oldest first.</summary>
    private readonly RowList _history = new();
    private readonly Dictionary<WorkerId, WorkerRow> _workers = [];
    private readonly Dictionary<string, (WorkerId Worker, DateTimeOffset Until)> _upkeepLeases = new(StringComparer.Ordinal);
    private long _lastSequence;
    private long _lastWorker;

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public bool IsDurable => false;

    /// <inheritdoc/>
    public IJobBrowser Browser => this;

    /// <inheritdoc/>
    public IWakeups Wakeups => SilentWakeups.Instance;

    /// <inheritdoc/>
    public ValueTask InitializeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private MemoryQueue QueueOf(string name)
    {
        if (!_queues.TryGetValue(name, out var queue))
        {
            _queues[name] = queue = new MemoryQueue(name);
        }

        return queue;
    }

    /// <summary>Moves a row from one state to another and keeps every structure in step. What the new state needs (due time, owner) is set
    /// before.</summary>
    private void Move(JobRow row, JobState to)
    {
        var from = row.State;
        if (!s_legal[(int)from, (int)to])
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

    private void Enter(JobRow row)
    {
        row.Engine.Counts[(int)row.State]++;
        switch (row.State)
        {
            case JobState.Ready:
                row.Engine.Add(row);
                break;
            case JobState.Scheduled:
                _ = _scheduled.Add(row);
                break;
            case JobState.Running:
                row.Owner!.Owned.AddLast(row);
                break;
            case var state when state.IsFinal() && row.Detail?.Step is null:
                _history.AddLast(row);
                break;
        }

        if (row.State is JobState.Ready or JobState.Scheduled && row.CanExpire)
        {
            _ = _expiring.Add(row);
        }
    }

    private void Leave(JobRow row)
    {
        row.Engine.Counts[(int)row.State]--;
        switch (row.State)
        {
            case JobState.Ready:
                row.Engine.Remove(row);
                break;
            case JobState.Scheduled:
                _ = _scheduled.Remove(row);
                break;
            case JobState.Running:
                row.Owner!.Owned.Remove(row);
                row.Owner = null;
                break;
            case var state when state.IsFinal() && row.Detail?.Step is null:
                _history.Remove(row);
                break;
        }

        // By the draft, not by what can expire now: the numbers that decide it may have been raised already.
        if (row.State is JobState.Ready or JobState.Scheduled && row.Expires)
        {
            _ = _expiring.Remove(row);
        }
    }

    /// <summary>Ends a job: releases its key, and keeps it for a while or forgets it.</summary>
    private void Finish(JobRow row, JobState state, string? reason, TimeSpan keepFor, DateTimeOffset now)
    {
        row.CancelRequested = false;
        ReleaseKey(row);
        Move(row, state);
        if (row.Detail?.Step is { } step)
        {
            // Kept for its children and for whoever looks, until its workflow goes.
            (row.Details.FinishedAt, row.Details.Reason) = (now, reason);
            if (step.Tally.Pending == 0)
            {
                _ledger.Ended(step.Workflow.Id, row.Job.Step!.Next, StepLedger.EndOf(state, step.Tally), step.Branch);
            }

            return;
        }

        if (keepFor <= TimeSpan.Zero)
        {
            Forget(row);
            return;
        }

        var details = row.Details;
        details.FinishedAt = now;
        details.Reason = reason;
        details.KeepUntil = StoreRules.KeepUntil(now, keepFor);
        _finished.Enqueue(row, details.KeepUntil);
        BoundHistory();
    }

    private void BoundHistory()
    {
        while (_history.Count > historyLimit)
        {
            Forget(_history.First!);
        }

        // What was forgotten is still noted by the end of its retention. Once that is most of the notes, they are written anew.
        if (_finished.Count > 2 * historyLimit + 1_000)
        {
            _finished.Clear();
            for (var row = _history.First; row is not null; row = row.Next)
            {
                _finished.Enqueue(row, row.Details.KeepUntil);
            }
        }
    }

    private void Forget(JobRow row)
    {
        Leave(row);
        row.State = JobState.Unknown;
        _ = _jobs.Remove(row.Id);
    }

    private void ReleaseKey(JobRow row)
    {
        // The holder is compared: a finished job remembers its key but holds it no more.
        if (row.UniqueKey is { } key && _keys.TryGetValue((row.Job.Kind, key), out var holder) && ReferenceEquals(holder, row))
        {
            _ = _keys.Remove((row.Job.Kind, key));
        }
    }

    private static bool[,] LegalMoves()
    {
        var states = Enum.GetValues<JobState>();
        var legal = new bool[states.Length, states.Length];
        foreach (var from in states)
        {
            foreach (var to in states)
            {
                legal[(int)from, (int)to] = JobTransitions.IsLegal(from, to);
            }
        }

        return legal;
    }
}
