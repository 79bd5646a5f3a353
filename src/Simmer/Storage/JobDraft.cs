using Simmer.Enqueue;

namespace Simmer.Storage;

/// <summary>A job about to be stored. Immutable.</summary>
public sealed class JobDraft
{
    // What few jobs carry: in a job's own fields it would be a third of a draft.
    private Rare? _rare;

    /// <summary>The id, made by the client.</summary>
    public required JobId Id { get; init; }

    /// <summary>The stable name of its kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The queue, in lower case.</summary>
    public required string Queue { get; init; }

    /// <summary>Where it goes in this process, if it was made here.</summary>
    internal JobRoute? Route { get; init; }

    /// <summary>The record as JSON in UTF-8; empty for a job in memory.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The record itself, for a job in memory. A database ignores it.</summary>
    public IJob? Item { get; init; }

    /// <summary>Higher runs first.</summary>
    public int Priority { get; init; }

    /// <summary>Not before this time; <see langword="null"/>: at once.</summary>
    public DateTimeOffset? DueAt
    {
        get => _rare?.DueAt;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).DueAt = value;
            }
        }
    }

    /// <summary>Cancel it if it has not started by then.</summary>
    public DateTimeOffset? ExpiresAt
    {
        get => _rare?.ExpiresAt;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).ExpiresAt = value;
            }
        }
    }

    /// <summary>Unique among the unfinished (or waiting) jobs of its kind.</summary>
    public string? UniqueKey
    {
        get => _rare?.UniqueKey;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).UniqueKey = value;
            }
        }
    }

    /// <summary>For how long the key is held.</summary>
    public UniqueWhile UniqueWhile
    {
        get => _rare?.UniqueWhile ?? default;
        init
        {
            if (value != default)
            {
                (_rare ??= new Rare()).UniqueWhile = value;
            }
        }
    }

    /// <summary>Whether the caller chose the id: then the history is asked for it as well.</summary>
    public bool IdGiven { get; init; }

    /// <summary>Free labels.</summary>
    public IReadOnlyList<string> Tags
    {
        get => _rare?.Tags ?? [];
        init
        {
            if (value.Count > 0)
            {
                (_rare ??= new Rare()).Tags = value;
            }
        }
    }

    /// <summary>How many attempts count before it is failed.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>The time limit of one attempt; <see langword="null"/>: the worker's default.</summary>
    public TimeSpan? TimeLimit
    {
        get => _rare?.TimeLimit;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).TimeLimit = value;
            }
        }
    }

    /// <summary>The W3C <c>traceparent</c> of whoever enqueued it.</summary>
    public string? TraceParent
    {
        get => _rare?.TraceParent;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).TraceParent = value;
            }
        }
    }

    /// <summary>The W3C <c>tracestate</c>.</summary>
    public string? TraceState
    {
        get => _rare?.TraceState;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).TraceState = value;
            }
        }
    }

    /// <summary>What makes it a step of a workflow; <see langword="null"/>: it stands alone.</summary>
    public StepDraft? Step
    {
        get => _rare?.Step;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).Step = value;
            }
        }
    }

    /// <summary>The job as a database stores it: without what lives in this process only.</summary>
    internal JobDraft Written(ReadOnlyMemory<byte> payload, DateTimeOffset? dueAt) => new()
    {
        Id = Id,
        IdGiven = IdGiven,
        Kind = Kind,
        Queue = Queue,
        Payload = payload,
        Priority = Priority,
        DueAt = dueAt,
        ExpiresAt = ExpiresAt,
        UniqueKey = UniqueKey,
        UniqueWhile = UniqueWhile,
        Tags = Tags,
        MaxAttempts = MaxAttempts,
        TimeLimit = TimeLimit,
        TraceParent = TraceParent,
        TraceState = TraceState,
        Step = Step,
    };

    /// <summary>The same job as another step: one that was added at run time, now that its place is known.</summary>
    internal JobDraft As(JobId id, StepDraft step) => new()
    {
        Id = id,
        Kind = Kind,
        Queue = Queue,
        Route = Route,
        Payload = Payload,
        Item = Item,
        Priority = Priority,
        DueAt = DueAt,
        ExpiresAt = ExpiresAt,
        Tags = Tags,
        MaxAttempts = MaxAttempts,
        TimeLimit = TimeLimit,
        TraceParent = TraceParent,
        TraceState = TraceState,
        Step = step,
    };

    private sealed class Rare
    {
        public DateTimeOffset? DueAt;
        public DateTimeOffset? ExpiresAt;
        public TimeSpan? TimeLimit;
        public string? UniqueKey;
        public UniqueWhile UniqueWhile;
        public IReadOnlyList<string>? Tags;
        public string? TraceParent;
        public string? TraceState;
        public StepDraft? Step;
    }
}
