using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>What the store is to do about an attempt that has ended. Immutable.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class Settlement
{
    // What a plain success does not have is kept in an object of its own: as fields it would be two thirds of each settlement.
    private Rare? _rare;

    /// <summary>The lease; a settlement under another is lost.</summary>
    public required LeaseToken Token { get; init; }

    /// <summary>The state the job goes to: a final one, <see cref="JobState.Scheduled"/> (with <see cref="Delay"/>) or
    /// <see cref="JobState.Ready"/>. A requested cancel turns the last two into <see cref="JobState.Cancelled"/>; a success that arrived
    /// wins.</summary>
    public required JobState State { get; init; }

    /// <summary>How long after the settlement the job goes on, by the store's clock.</summary>
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

    /// <summary>The run does not count as an attempt.</summary>
    public bool Forgive
    {
        get => _rare?.Forgive ?? default;
        init
        {
            if (value)
            {
                (_rare ??= new Rare()).Forgive = value;
            }
        }
    }

    /// <summary>The result as JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte>? Result
    {
        get => _rare?.Result;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).Result = value;
            }
        }
    }

    /// <summary>The result itself, for a job in memory.</summary>
    public object? ResultItem
    {
        get => _rare?.ResultItem;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).ResultItem = value;
            }
        }
    }

    /// <summary>The error that is added to the job's history; texts that are too long are cut.</summary>
    public AttemptError? Error
    {
        get => _rare?.Error;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).Error = StoreRules.Cut(value);
            }
        }
    }

    /// <summary>Why, for people; cut to <see cref="StoreRules.LongestReason"/>.</summary>
    public string? Reason
    {
        get => _rare?.Reason;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).Reason = StoreRules.Cut(value, StoreRules.LongestReason);
            }
        }
    }

    /// <summary>The last progress that was reported and not stored yet.</summary>
    public ProgressNote? Progress
    {
        get => _rare?.Progress;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).Progress = value;
            }
        }
    }

    /// <summary>Its place in a workflow, as its claim said; <see langword="null"/>: it is no step.</summary>
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

    /// <summary>The branch that the handler returned.</summary>
    public string? Branch
    {
        get => _rare?.Branch;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).Branch = value;
            }
        }
    }

    /// <summary>Steps to be added to the workflow if this settlement makes the step succeed and the workflow was not cancelled. The store
    /// numbers them after those there are; they have the children that the step has, and links to one another by the numbers they have
    /// here.</summary>
    public IReadOnlyList<JobDraft>? Added
    {
        get => _rare?.Added;
        init
        {
            if (value is not null)
            {
                (_rare ??= new Rare()).Added = value;
            }
        }
    }

    /// <summary>When the run began; default: when it was claimed, as the store has it.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>How long the finished job is kept; zero: not at all.</summary>
    public TimeSpan KeepFor { get; init; }

    /// <summary>How long it is kept if a requested cancel makes it end here.</summary>
    public TimeSpan KeepCancelledFor
    {
        get => _rare?.KeepCancelledFor ?? default;
        init
        {
            if (value != TimeSpan.Zero)
            {
                (_rare ??= new Rare()).KeepCancelledFor = value;
            }
        }
    }

    /// <summary>Why the job ended, for people, if this settlement or the cancel that was asked for ends it.</summary>
    /// <param name="cancelReason">The reason given with the cancel; <see langword="null"/>: none.</param>
    /// <returns>The reason that is kept.</returns>
    public string? ReasonFor(string? cancelReason) =>
        !State.IsFinal() ? cancelReason ?? Reason : Reason ?? (State == JobState.Cancelled ? cancelReason : null);

    /// <summary>When to go on if it is settled now.</summary>
    /// <param name="now">The present time, by the store's clock.</param>
    /// <returns>The time; <see langword="null"/>: no delay was asked for.</returns>
    public DateTimeOffset? DueFrom(DateTimeOffset now) => Delay is { } delay ? StoreRules.KeepUntil(now, delay) : null;

    /// <summary>The same with a mark (<see cref="StoreRules.RefusedText"/>) in place of what is there for people only, for a database that
    /// refuses it. Outcome, result, branch and added steps are the same.</summary>
    /// <param name="all">Also in place of what the job's row may have already: its progress, the reason of a cancel, the type of the
    /// error.</param>
    /// <returns>The settlement; <see langword="null"/>: this one has nothing that could be replaced.</returns>
    public Settlement? WithMarks(bool all)
    {
        var rare = _rare?.Copy() ?? new Rare();
        if (!all && rare is { Error: null, Reason: null, Progress.Text: null })
        {
            return null;
        }

        rare.Error = rare.Error is not { } error
            ? null
            : error with { Type = all ? ErrorTypes.Refused : error.Type, Message = StoreRules.RefusedText, Detail = null };
        rare.Reason = rare.Reason is not null || (all && State == JobState.Cancelled) ? StoreRules.RefusedText : null;
        rare.Progress = all || rare.Progress?.Text is not null
            ? new ProgressNote(Token, rare.Progress?.Fraction, StoreRules.RefusedText, false)
            : rare.Progress;
        var marked = (Settlement)MemberwiseClone();
        marked._rare = rare;
        return marked;
    }

    private sealed class Rare
    {
        public TimeSpan? Delay;
        public bool Forgive;
        public ReadOnlyMemory<byte>? Result;
        public object? ResultItem;
        public AttemptError? Error;
        public string? Reason;
        public ProgressNote? Progress;
        public TimeSpan KeepCancelledFor;
        public StepDraft? Step;
        public string? Branch;
        public IReadOnlyList<JobDraft>? Added;

        public Rare Copy() => (Rare)MemberwiseClone();
    }
}
