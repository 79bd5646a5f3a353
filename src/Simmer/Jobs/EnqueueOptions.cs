namespace Simmer;

/// <summary>Options for the enqueue of one job. What is not set comes from the job's kind, then from its queue.</summary>
public sealed record EnqueueOptions
{
    /// <summary>The job's id, which makes an enqueue repeatable: the same id enqueues once, and later calls return the handle of the first
    /// job. It may be any UUID but a version 8 one, such as <see cref="WorkflowId.For"/> makes: these belong to workflows and their steps.
    /// The id of a job of another kind, or of a step, is refused.</summary>
    /// <value>Default: a new id.</value>
    public JobId? Id { get; init; }

    /// <summary>The queue.</summary>
    /// <value>Default: the kind's queue.</value>
    public string? Queue { get; init; }

    /// <summary>Not before this long from when it is stored. Not together with <see cref="DueAt"/>.</summary>
    /// <value>Default: at once; from zero to <see cref="TimeSpan.MaxValue"/>.</value>
    public TimeSpan? Delay { get; init; }

    /// <summary>Not before this time. Not together with <see cref="Delay"/>.</summary>
    /// <value>Default: at once.</value>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Higher runs first, from -1,000 to 1,000.</summary>
    /// <value>Default: the kind's priority.</value>
    public int? Priority { get; init; }

    /// <summary>At most one job of its kind with this key at a time; enqueueing a second gives the handle of the first. At most 200
    /// characters.</summary>
    /// <value>Default: none.</value>
    public string? UniqueKey { get; init; }

    /// <summary>For how long the <see cref="UniqueKey"/> is held.</summary>
    /// <value>Default: <see cref="UniqueWhile.Unfinished"/>.</value>
    public UniqueWhile UniqueWhile { get; init; }

    /// <summary>Cancel it if it has not started this long from when it is stored.</summary>
    /// <value>Default: never; more than zero.</value>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>Free labels for looking it up; at most 20 of at most 100 characters.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>How many attempts count before it is failed; from 1.</summary>
    /// <value>Default: the kind's.</value>
    public int? MaxAttempts { get; init; }

    /// <summary>The time limit of one attempt.</summary>
    /// <value>Default: the kind's; from 1 millisecond, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan? TimeLimit { get; init; }
}

/// <summary>For how long a unique key is held.</summary>
public enum UniqueWhile
{
    /// <summary>Until the job has finished; automatic retries keep it.</summary>
    Unfinished,

    /// <summary>Until the job is first claimed.</summary>
    Waiting,
}
