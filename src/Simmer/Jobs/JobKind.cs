namespace Simmer.Jobs;

/// <summary>One kind of job, resolved at start. Immutable.</summary>
internal sealed class JobKind
{
    public required string Name { get; init; }

    public required Type Type { get; init; }

    public required string Queue { get; init; }

    public required int MaxAttempts { get; init; }

    public required TimeSpan TimeLimit { get; init; }

    public required int Priority { get; init; }

    public required RetryPolicy Retry { get; init; }

    /// <summary>Reads and writes the result of its jobs; null: they give none.</summary>
    public ResultAdapter? Result { get; init; }

    /// <summary>The type of result of the steps that its jobs add at run time; null: nothing is promised.</summary>
    public Type? Adds { get; init; }

    /// <summary>The results of earlier steps that its handler takes as parameters.</summary>
    public IReadOnlyList<StepInput> Inputs { get; init; } = [];

    /// <summary>Calls the handler; null: this process only enqueues jobs of this kind.</summary>
    public HandlerCall? Handler { get; init; }

    /// <summary>Whether its jobs live in this process only: they are neither serialised nor spilled, and the handler opens the DI scopes it
    /// needs.</summary>
    public bool IsLocalOnly { get; init; }

    /// <summary>The store and queue of its jobs that name no other queue. Looked up with the first such job.</summary>
    public JobRoute? Route { get; set; }

    private int _toldOfOtherPayload;

    /// <summary>Whether this is the first time that a job of this kind was enqueued again under the same id with another payload; the
    /// warning is logged once for each kind.</summary>
    public bool IsFirstOtherPayload() => Interlocked.Exchange(ref _toldOfOtherPayload, 1) == 0;

    private int _toldOfProgress;

    /// <summary>Whether this is the first time that a handler of this kind reports a progress outside 0 to 1. Such a handler does so again
    /// and again; the warning is logged once for each kind.</summary>
    public bool TryTellOfProgress() => Interlocked.Exchange(ref _toldOfProgress, 1) == 0;

    public required Func<IJob, ReadOnlyMemory<byte>> Write { get; init; }

    public required Func<ReadOnlyMemory<byte>, IJob> Read { get; init; }

    /// <summary>Turns a job of an older shape into the shape that the handler takes; null: the kind is no older shape.</summary>
    public Func<IJob, IJob>? Upcast { get; init; }

    /// <summary>The job of a claim as its handler takes it. It is the object that memory kept, otherwise the stored record, read anew even
    /// where the object is at hand: so a durable job runs the same whether it was dispatched here or claimed elsewhere.</summary>
    public IJob JobOf(IJob? item, ReadOnlyMemory<byte> payload) => AsRun(item ?? Read(payload));

    /// <summary>The job as its handler takes it.</summary>
    public IJob AsRun(IJob job) => Upcast is null ? job : Upcast(job);

    public HandlerAnswer Answer(Task finished) =>
        Result is not null ? Result.Read(finished)
        : finished is Task<JobVerdict> verdict ? new(verdict.Result, null)
        : new(JobVerdict.Success, null);

    /// <summary>The answer of a handler that completes its job before its task has finished (<c>CompleteWithinAsync</c>).</summary>
    public HandlerAnswer Success() => Result is null ? new(JobVerdict.Success, null) : throw new InvalidOperationException(
        $"Job '{Name}' promises {TypeNames.An(Result.Type)}, and it was to be completed without one: CompleteWithinAsync(transaction, "
            + "result).");

    /// <inheritdoc cref="Success()"/>
    public HandlerAnswer Success<TGiven>(TGiven given)
    {
        var answer = Result is not null ? Result.Take(given) : given is JobVerdict verdict ? new HandlerAnswer(verdict, null) : null;
        return answer switch
        {
            null => throw new ArgumentException(NotPromised(given?.GetType() ?? typeof(TGiven)), "result"),
            { Verdict.Kind: VerdictKind.Success } success => success,
            { } other => throw new ArgumentException(
                $"Job '{Name}' was to be completed with the verdict {other.Verdict.Kind}, and only a success can be. Roll the "
                    + "transaction back and return the verdict.", "result"),
        };
    }

    private string NotPromised(Type given) => Result is null
        ? $"Job '{Name}' gives no result, and it was to be completed with {TypeNames.An(given)}: leave it out, or let {Type.Name} "
            + $"implement IJob<{given.Name}>."
        : $"Job '{Name}' promises {TypeNames.An(Result.Type)}, and it was to be completed with {TypeNames.An(given)}: give "
            + $"{TypeNames.An(Result.Type)}.";
}
