using System.Diagnostics.CodeAnalysis;
using Simmer.Jobs;

namespace Simmer.Storage;

/// <summary>A job about to be stored. Immutable.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class JobDraft
{
    // What few jobs have is kept in an object of its own: as fields it would be a third of each draft.
    private Rare? _rare;

    /// <summary>The id, made by the client.</summary>
    public required JobId Id { get; init; }

    /// <summary>The stable name of its kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The queue, in lower case.</summary>
    public required string Queue { get; init; }

    /// <summary>Its store, queue and handler in this process, if it was made here.</summary>
    internal JobRoute? Route { get; init; }

    /// <summary>The record as JSON in UTF-8; empty for a job in memory.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The record itself, for a job in memory. A database ignores it.</summary>
    public IJob? Item { get; init; }

    /// <summary>Higher runs first.</summary>
    public int Priority { get; init; }

    /// <summary>The earliest time at which it may start, if its caller has named one; <see langword="null"/>: none.</summary>
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

    /// <summary>How long after it is stored it may start, by the store's clock; <see langword="null"/>: at once.</summary>
    public TimeSpan? Delay
    {
        get => _rare?.Delay;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).Delay = value;
            }
        }
    }

    /// <summary>Cancel it if it has not started by then: of a job that is stored.</summary>
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

    /// <summary>Cancel it if it has not started this long after it is stored, by the store's clock.</summary>
    public TimeSpan? ExpiresIn
    {
        get => _rare?.ExpiresIn;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).ExpiresIn = value;
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

    /// <summary>Whether the caller chose the id. Then the store looks for it in the history as well.</summary>
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

    /// <summary>The W3C <c>traceparent</c> of the code that enqueued it.</summary>
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

    /// <summary>Its place in a workflow; <see langword="null"/>: it is no step.</summary>
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

    /// <summary>When it is due if it is stored now.</summary>
    /// <param name="now">The present time, by the store's clock.</param>
    /// <returns>A time that is yet to come; <see langword="null"/>: at once.</returns>
    public DateTimeOffset? DueFrom(DateTimeOffset now) =>
        _rare is null
            ? null
            : _rare.Delay is { } delay
            ? (delay > TimeSpan.Zero ? StoreRules.KeepUntil(now, delay) : null)
            : _rare.DueAt > now
            ? _rare.DueAt
            : null;

    /// <summary>When it expires if it is stored now.</summary>
    /// <param name="now">The present time, by the store's clock.</param>
    /// <returns>The time; <see langword="null"/>: never.</returns>
    public DateTimeOffset? ExpiresFrom(DateTimeOffset now) =>
        _rare is null ? null : _rare.ExpiresIn is { } time ? StoreRules.KeepUntil(now, time) : _rare.ExpiresAt;

    /// <summary>The job as a database stores it: without what lives in this process only.</summary>
    internal JobDraft Written(ReadOnlyMemory<byte> payload) => Written(payload, DueAt, Delay, ExpiresIn);

    /// <summary>The same for a job that has been stored in memory, with what is left of its delay and its expiry.</summary>
    /// <param name="payload">The record as JSON.</param>
    /// <param name="dueAt">When it is due.</param>
    /// <param name="expiresAt">When it expires.</param>
    /// <param name="now">The present time, by the clock of these two.</param>
    internal JobDraft Written(ReadOnlyMemory<byte> payload, DateTimeOffset? dueAt, DateTimeOffset? expiresAt, DateTimeOffset now) =>
        dueAt is not null && dueAt == DueAt
        ? Written(payload, dueAt, null, expiresAt - now)
        : Written(payload, null, dueAt - now, expiresAt - now);

    /// <summary>The same job with the names of its queue and its kind, for a store that read them later than the job.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="kind">The kind's name.</param>
    internal JobDraft Named(string queue, string kind) => Written(Payload, DueAt, Delay, ExpiresIn, queue, kind);

    private JobDraft Written(ReadOnlyMemory<byte> payload, DateTimeOffset? dueAt, TimeSpan? delay, TimeSpan? expiresIn,
        string? queue = null, string? kind = null) => new()
    {
        Id = Id,
        IdGiven = IdGiven,
        Kind = kind ?? Kind,
        Queue = queue ?? Queue,
        Payload = payload,
        Priority = Priority,
        DueAt = dueAt,
        Delay = delay,
        ExpiresAt = ExpiresAt,
        ExpiresIn = expiresIn,
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
        Delay = Delay,
        ExpiresAt = ExpiresAt,
        ExpiresIn = ExpiresIn,
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
        public TimeSpan? Delay;
        public DateTimeOffset? ExpiresAt;
        public TimeSpan? ExpiresIn;
        public TimeSpan? TimeLimit;
        public string? UniqueKey;
        public UniqueWhile UniqueWhile;
        public IReadOnlyList<string>? Tags;
        public string? TraceParent;
        public string? TraceState;
        public StepDraft? Step;
    }
}
