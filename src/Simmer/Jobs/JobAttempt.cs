using Microsoft.Extensions.Logging;

namespace Simmer.Jobs;

/// <summary>The run of a job as its <see cref="JobContext"/> and <see cref="JobProgress"/> see it. The engine implements it.</summary>
internal abstract class JobAttempt
{
    public abstract JobId Id { get; }

    /// <summary>The stored name of the kind.</summary>
    public abstract string KindName { get; }

    /// <summary>The kind; null: no job of it is registered in this process.</summary>
    public abstract JobKind? Kind { get; }

    public abstract string Queue { get; }

    /// <summary>The attempt, counted from 1.</summary>
    public abstract int Attempt { get; }

    public abstract int MaxAttempts { get; }

    public abstract DateTimeOffset EnqueuedAt { get; }

    public abstract IReadOnlyList<string> Tags { get; }

    /// <summary>The workflow of which the job is a step; null: it stands alone.</summary>
    public abstract WorkflowId? Workflow { get; }

    public abstract string? StepName { get; }

    public abstract JobProgress Progress { get; }

    public abstract CancellationToken CancellationToken { get; }

    public abstract JobCatalog Catalog { get; }

    /// <summary>A log whose providers cannot fail the attempt.</summary>
    public abstract ILogger LoggerFor(IServiceProvider services, string category);

    /// <summary>What earlier steps gave.</summary>
    /// <exception cref="InvalidOperationException">The job is no step.</exception>
    public abstract IStepResults TakeResults();

    /// <summary>What gathers the steps that the attempt adds.</summary>
    /// <exception cref="InvalidOperationException">The job is no step.</exception>
    public abstract IAddedSteps AddSteps();

    /// <summary>What completes the job in a transaction of its handler.</summary>
    public abstract IJobCompletion Complete(JobContext context);

    /// <summary>The handler has reported a fraction that is none.</summary>
    public abstract void ProgressOutOfRange(double fraction);

    /// <summary>The handler has reported progress.</summary>
    public abstract void ProgressChanged();
}
