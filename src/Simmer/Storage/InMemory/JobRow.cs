namespace Simmer.Storage.InMemory;

/// <summary>One job as the in-memory store has it; guarded by the store's lock.</summary>
/// <remarks>Kept narrow: this is what a job costs on its whole way. What few jobs need is in <see cref="Detail"/>.</remarks>
internal sealed class JobRow(JobDraft job, MemoryQueue queue, DateTimeOffset enqueuedAt)
{
    public readonly JobDraft Job = job;
    public readonly MemoryQueue Queue = queue;
    private readonly long _enqueuedAt = enqueuedAt.UtcTicks;
    private long _startedAt;
    private long _dueAt;

    /// <summary>The place in the queue: given when the job is stored and kept over retries, give-backs and rescues; only an operator's
    /// retry gives a new one.</summary>
    public long Sequence;
    public long Version;
    public int Run;
    public int Forgiven;
    public JobState State;
    public int Suspicion;
    public bool CancelRequested;

    /// <summary>The unique key was released at the first claim (while waiting) and is never taken back.</summary>
    public bool KeyCleared;

    /// <summary>An operator ran the job again: its expiry does not count any more, or it would be cancelled at once.</summary>
    public bool NeverExpires;

    /// <summary>Which of the two structures of its <see cref="ReadyLevel"/> the row is in.</summary>
    public bool IsLate;
    public WorkerRow? Owner;
    public RowDetail? Detail;

    /// <summary>Links of the one list that the row is in: its queue's while ready, its owner's while running, the history when
    /// finished.</summary>
    public JobRow? Next;
    public JobRow? Previous;

    public JobId Id => Job.Id;

    // Kept as ticks: three times with their offsets would be a fifth of a row.
    public DateTimeOffset EnqueuedAt => Utc(_enqueuedAt);

    public DateTimeOffset StartedAt
    {
        get => Utc(_startedAt);
        set => _startedAt = value.UtcTicks;
    }

    public DateTimeOffset DueAt
    {
        get => Utc(_dueAt);
        set => _dueAt = value.UtcTicks;
    }

    public string? UniqueKey => KeyCleared ? null : Job.UniqueKey;

    public DateTimeOffset? ExpiresAt => NeverExpires ? null : Job.ExpiresFrom(EnqueuedAt);

    public RowDetail Details => Detail ??= new RowDetail();

    /// <summary>What makes the job a step; <see langword="null"/>: it stands alone.</summary>
    public StepRow? Step => Detail?.Step;

    /// <summary>Only what has not started expires: once an attempt counts, the job goes on to its end.</summary>
    public bool CanExpire => Run == Forgiven && Expires && !NeverExpires;

    public bool IsExpired(DateTimeOffset now) => CanExpire && Job.ExpiresFrom(EnqueuedAt) <= now;

    /// <summary>Whether the job was stored with an expiry.</summary>
    public bool Expires => Job.ExpiresIn is not null || Job.ExpiresAt is not null;

    public JobClaim ToClaim() => new(Job, Run, Forgiven, EnqueuedAt, Suspicion, CancelRequested);

    /// <summary>Makes the job new again for a retry. Runs go on counting, or a lost worker's token could become valid again; the fresh
    /// attempts come from forgiving all of them.</summary>
    public void Refresh(long sequence)
    {
        Forgiven = Run;
        Suspicion = 0;
        NeverExpires = true;
        Sequence = sequence;
        var details = Details;
        (details.FinishedAt, details.Reason, details.Result, details.ResultItem) = (null, null, null, null);
    }

    private static DateTimeOffset Utc(long ticks) => new(ticks, TimeSpan.Zero);
}
