using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>For looking at what a store holds. Every answer is a snapshot.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public interface IJobBrowser
{
    /// <summary>Looks up jobs, finished or not, in one statement, so that a job which moves between the tables is never missed.</summary>
    /// <param name="ids">The jobs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A record a job in the same order; <see langword="null"/> where there is none.</returns>
    ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken);

    /// <summary>Reads the versions of unfinished jobs in one statement that reads no payload, for those who watch many jobs.</summary>
    /// <param name="ids">The jobs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A <see cref="JobRecord.Version"/> a job in the same order; <see langword="null"/> where there is none that is
    /// unfinished.</returns>
    ValueTask<IReadOnlyList<long?>> VersionsAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken);

    /// <summary>Lists jobs, newest first.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The jobs.</returns>
    ValueTask<IReadOnlyList<JobRecord>> ListAsync(JobQuery query, CancellationToken cancellationToken);

    /// <summary>Finds the ids of jobs, newest first, without reading their payloads: for those who change many.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The ids.</returns>
    ValueTask<IReadOnlyList<JobId>> FindAsync(JobQuery query, CancellationToken cancellationToken);

    /// <summary>Counts jobs by queue and state, finished ones included while they are kept.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The counts that are not zero.</returns>
    ValueTask<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken);

    /// <summary>The queues that hold jobs or are paused; a database names those too that were declared or held jobs before. However long
    /// they are, this takes a moment.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The queues.</returns>
    ValueTask<IReadOnlyList<QueueRecord>> QueuesAsync(CancellationToken cancellationToken);

    /// <summary>Looks a workflow up.</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="counted">Whether its steps are read for counts, progress and version. Without that one row is read, however many steps
    /// there are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The workflow; <see langword="null"/> where there is none.</returns>
    ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken);

    /// <summary>Reads the versions of running workflows in one statement, for those who watch many workflows.</summary>
    /// <param name="ids">The workflows.</param>
    /// <param name="counted">Whether a change of a step counts, as in <see cref="WorkflowAsync"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A <see cref="WorkflowRecord.Version"/> a workflow in the same order; <see langword="null"/> where there is none that
    /// runs.</returns>
    ValueTask<IReadOnlyList<long?>> WorkflowVersionsAsync(IReadOnlyList<WorkflowId> ids, bool counted, CancellationToken cancellationToken);

    /// <summary>The steps of a workflow.</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="numbers">Which; <see langword="null"/>: all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Those that there are, by their numbers.</returns>
    ValueTask<IReadOnlyList<StepSnapshot>> StepsAsync(WorkflowId id, IReadOnlyCollection<int>? numbers,
        CancellationToken cancellationToken);

    /// <summary>The registered workers, with the age of their last beat by the store's clock.</summary>
    /// <param name="now">The present time (a database uses its own clock).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The workers.</returns>
    ValueTask<IReadOnlyList<WorkerRecord>> WorkersAsync(DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>A queue as the store has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Paused">Whether it is paused.</param>
/// <param name="Ready">How many jobs may be claimed, at most <see cref="CountedUpTo"/>: that many or more.
/// <see cref="IJobBrowser.CountAsync"/> counts all.</param>
/// <param name="OldestReady">Since when the oldest of the next <see cref="CountedUpTo"/> has been waiting.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record QueueRecord(string Name, bool Paused, long Ready, DateTimeOffset? OldestReady)
{
    /// <summary>Why it is paused; <see langword="null"/>: it is not.</summary>
    public QueuePause? Pause { get; init; }

    /// <summary>What the application has declared of it; <see langword="null"/>: nothing, and what the store ends by itself is kept for
    /// <see cref="StoreRules.KeptByDefault"/>.</summary>
    public DeclaredQueue? Declared { get; init; }

    /// <summary>No more ready jobs of a queue are counted: 10,000. Counting all would take longer the longer the queue is.</summary>
    public const int CountedUpTo = 10_000;
}

/// <summary>A worker as the store has it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Info">What it is and offers.</param>
/// <param name="Beats">Its beat counter.</param>
/// <param name="BeatAge">How long ago the last beat was, by the store's clock.</param>
/// <param name="Running">How many jobs it owns.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record WorkerRecord(WorkerId Id, WorkerInfo Info, long Beats, TimeSpan BeatAge, int Running);
