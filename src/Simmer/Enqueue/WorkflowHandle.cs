using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer;

/// <summary>A handle on an enqueued workflow.</summary>
public class WorkflowHandle
{
    internal WorkflowHandle(IJobClient client, WorkflowId id, WorkflowState state, bool isDuplicate) =>
        (Client, Id, State, IsDuplicate) = (client, id, state, isDuplicate);

    /// <summary>The workflow's id.</summary>
    public WorkflowId Id { get; }

    /// <summary>The state in which it was stored; <see cref="WorkflowState.Unknown"/> before that, and for one that was enqueued in a
    /// transaction of the caller's (<see cref="IJobClient.Within"/>), whose commit cannot be seen.</summary>
    public WorkflowState State { get; private set; }

    /// <summary>Nothing was enqueued: a workflow with this id was there already.</summary>
    public bool IsDuplicate { get; private set; }

    private protected IJobClient Client { get; }

    /// <summary>The job whose result is that of the whole; null: none is.</summary>
    internal virtual JobId? Last => null;

    /// <summary>Looks the workflow up.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The workflow, or <see langword="null"/> when it is not known (any more).</returns>
    public Task<WorkflowRecord?> GetAsync(CancellationToken cancellationToken = default) => Client.GetAsync(Id, cancellationToken);

    /// <summary>Its steps.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The steps by their numbers.</returns>
    public Task<IReadOnlyList<StepRecord>> GetStepsAsync(CancellationToken cancellationToken = default) =>
        Client.GetStepsAsync(Id, cancellationToken);

    /// <summary>One of its steps, by its name. All steps are looked through; where the number is known, its job is found at once:
    /// <see cref="WorkflowId.Step"/>.</summary>
    /// <param name="name">The step's name, with the names of what it is in before it, as in <c>convert/720p</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The step, or <see langword="null"/> when there is none of that name (yet, or any more).</returns>
    public async Task<StepRecord?> GetStepAsync(string name, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        ArgumentNullException.ThrowIfNull(name);
        return (await GetStepsAsync(cancellationToken)).FirstOrDefault(s => s.Name == name);
    }

    /// <summary>Cancels what is unfinished of its ordinary steps; what had succeeded is undone. See
    /// <see cref="IJobClient.CancelAsync(WorkflowId, string?, CancellationToken)"/>.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of the request.</returns>
    public Task<CancelResult> CancelAsync(string? reason = null, CancellationToken cancellationToken = default) =>
        Client.CancelAsync(Id, reason, cancellationToken);

    /// <summary>Waits until the workflow has succeeded, from any process that shares the store.</summary>
    /// <param name="cancellationToken">Stops waiting, not the workflow.</param>
    /// <returns>Its final snapshot.</returns>
    /// <exception cref="WorkflowFailedException">It ended otherwise, or is not known any more.</exception>
    public async Task<WorkflowRecord> WaitAsync(CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        var ended = await Client.WaitAsync(Id, cancellationToken);
        return ended is { State: WorkflowState.Succeeded } ? ended
            : throw WorkflowFailedException.For(Id, ended, ended is null ? [] : await Client.GetStepsAsync(Id, cancellationToken));
    }

    /// <summary>Takes the outcome for a handle that was made before its workflow was stored.</summary>
    internal void Stored(WorkflowReport report) => (State, IsDuplicate) = (report.State, report.Status == EnqueueStatus.Duplicate);
}

/// <summary>A handle on an enqueued chain whose last job gives a result.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
public sealed class WorkflowHandle<TResult> : WorkflowHandle
{
    private readonly JobId _last;
    private readonly Func<JobRecord, TResult> _read;

    internal WorkflowHandle(IJobClient client, WorkflowId id, WorkflowState state, bool isDuplicate, JobId last,
        Func<JobRecord, TResult> read)
        : base(client, id, state, isDuplicate) => (_last, _read) = (last, read);

    internal override JobId? Last => _last;

    /// <summary>Waits for the result of the chain's last job, from any process that shares the store.</summary>
    /// <param name="cancellationToken">Stops waiting, not the chain.</param>
    /// <returns>The result.</returns>
    /// <exception cref="WorkflowFailedException">The chain ended otherwise, or is not known any more.</exception>
    public new async Task<TResult> WaitAsync(CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        _ = await base.WaitAsync(cancellationToken);
        return _read(JobFailedException.ThrowUnlessSucceeded(_last, await Client.GetAsync(_last, cancellationToken), wasStored: true)
            ?? throw JobFailedException.NotKept(_last, null));
    }
}
