using Simmer.Enqueue;
using Simmer.Storage;
using Simmer.Workflows;

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

    /// <summary>Null: the job gives no result.</summary>
    public ResultAdapter? Result { get; init; }

    /// <summary>What steps give that it adds at run time; null: nothing is promised.</summary>
    public Type? Adds { get; init; }

    /// <summary>The results of earlier steps that its handler takes as parameters.</summary>
    public IReadOnlyList<StepInput> Inputs { get; init; } = [];

    /// <summary>Null: this process only enqueues it.</summary>
    public HandlerCall? Handler { get; init; }

    /// <summary>Lives in this process only: it is neither serialised nor spilled, and its handler opens the scopes it needs by itself.</summary>
    public bool IsLocalOnly { get; init; }

    /// <summary>Where its jobs go that name no queue. Found at the first of them.</summary>
    public JobRoute? Route { get; set; }

    public required Func<IJob, ReadOnlyMemory<byte>> Write { get; init; }

    public required Func<ReadOnlyMemory<byte>, IJob> Read { get; init; }

    /// <summary>The job of a claim: the object that memory kept, else the stored record read anew, so that a durable job runs the same whether it was dispatched here or claimed elsewhere.</summary>
    public IJob JobOf(JobDraft draft) => draft.Item ?? Read(draft.Payload);

    public HandlerAnswer Answer(Task finished) =>
        Result is not null ? Result.Read(finished)
        : finished is Task<JobResult> verdict ? new(verdict.Result, null)
        : new(JobResult.Success, null);
}
