using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer;

/// <summary>A handle on an enqueued job.</summary>
public class JobHandle
{
    internal JobHandle(IJobClient client, EnqueueReport report)
    {
        Client = client;
        Stored(report);
    }

    /// <summary>The job's id.</summary>
    public JobId Id { get; private set; }

    /// <summary>The state in which the job was stored; <see cref="JobState.Unknown"/> before that, and for a job that was enqueued in a
    /// transaction of the caller's (<see cref="IJobClient.Within"/>), whose commit cannot be seen.</summary>
    public JobState State { get; private set; }

    /// <summary>Nothing was enqueued: an unfinished job holds the unique key (or had the id), and this is its handle.</summary>
    public bool IsDuplicate { get; private set; }

    /// <summary>Whether it is the handle of another job, found by the unique key. The caller knows no more of that job than the
    /// key.</summary>
    internal bool IsFoundByKey { get; private set; }

    private protected IJobClient Client { get; }

    /// <summary>Looks the job up.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job, or <see langword="null"/> when it is not known (any more).</returns>
    public Task<JobRecord?> GetAsync(CancellationToken cancellationToken = default) => Client.GetAsync(Id, cancellationToken);

    /// <summary>Cancels the job.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of the request.</returns>
    public Task<CancelResult> CancelAsync(string? reason = null, CancellationToken cancellationToken = default) =>
        Client.CancelAsync(Id, reason, cancellationToken);

    /// <summary>Waits until the job has succeeded.</summary>
    /// <remarks>If its queue keeps no finished jobs (<see cref="QueueOptions.KeepSucceeded"/> or <see cref="QueueOptions.KeepFailed"/> of
    /// zero), only the process that ran the job knows how it ended. There a failure is thrown as usual. Elsewhere the wait just ends: the
    /// job has finished, and it is not known how.</remarks>
    /// <param name="cancellationToken">Stops waiting, not the job.</param>
    /// <returns>A task that ends with the job.</returns>
    /// <exception cref="JobFailedException">The job ended otherwise, or was never stored.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        _ = await EndAsync(cancellationToken);
    }

    /// <summary>The end of a job that did not fail; null if it is not known how it ended.</summary>
    private protected async Task<JobRecord?> EndAsync(CancellationToken cancellationToken) =>
        JobFailedException.ThrowUnlessSucceeded(Id, await Client.WaitAsync(Id, cancellationToken), wasStored: State != JobState.Unknown);

    /// <summary>Takes the outcome for a handle that was made before its job was stored.</summary>
    internal void Stored(EnqueueReport report) =>
        (Id, State, IsDuplicate, IsFoundByKey) = (report.Id, report.State, report.Status == EnqueueStatus.Duplicate, report.IsByKey);
}

/// <summary>A handle on an enqueued job that gives a result.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
public sealed class JobHandle<TResult> : JobHandle
{
    private readonly Func<JobRecord, TResult> _read;

    internal JobHandle(IJobClient client, EnqueueReport report, Func<JobRecord, TResult> read)
        : base(client, report) => _read = read;

    /// <summary>Waits for the job's result, from any process that shares the store.</summary>
    /// <param name="cancellationToken">Stops waiting, not the job.</param>
    /// <returns>The result.</returns>
    /// <exception cref="JobFailedException">The job ended otherwise, or its result is not known (any more).</exception>
    public new async Task<TResult> WaitAsync(CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        return _read(await EndAsync(cancellationToken) ?? throw JobFailedException.NotKept(Id, null));
    }
}
