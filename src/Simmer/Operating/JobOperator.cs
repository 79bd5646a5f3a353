using Simmer.Client;
using Simmer.Context;
using Simmer.Engine;

namespace Simmer.Operating;

/// <summary>The operators' side of the engine: hands each call to the room that does it.</summary>
internal sealed class JobOperator(EngineContext context, StoreEngines engines, BatchSteering batches) : IJobOperator
{
    private readonly JobLists _lists = new(engines);
    private readonly QueueOperations _queues = new(context, engines);
    private readonly BulkChanges _changes = new(engines, batches);

    public Task<JobPage> ListAsync(JobFilter? filter = null, int limit = 100, JobId? after = null,
        CancellationToken cancellationToken = default) => _lists.ListAsync(filter, limit, after, cancellationToken);

    public Task<int> CountAsync(JobFilter filter, int upTo = 10_000, CancellationToken cancellationToken = default) =>
        _lists.CountAsync(filter, upTo, cancellationToken);

    public Task<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken = default) => _lists.CountAsync(cancellationToken);

    public Task<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken = default) =>
        _queues.GetQueuesAsync(cancellationToken);

    public Task<IReadOnlyList<WorkerStatus>> GetWorkersAsync(CancellationToken cancellationToken = default) =>
        _queues.GetWorkersAsync(cancellationToken);

    public Task PauseQueueAsync(string queue, string? reason = null, string? by = null, CancellationToken cancellationToken = default) =>
        _queues.PauseAsync(queue, reason, by, cancellationToken);

    public Task ResumeQueueAsync(string queue, CancellationToken cancellationToken = default) =>
        _queues.ResumeAsync(queue, cancellationToken);

    public Task<BulkResult> RetryManyAsync(JobFilter filter, BulkOptions? options = null, CancellationToken cancellationToken = default) =>
        _changes.RetryAsync(filter, options, cancellationToken);

    public Task<BulkResult> CancelManyAsync(JobFilter filter, string? reason = null, BulkOptions? options = null,
        CancellationToken cancellationToken = default) => _changes.CancelAsync(filter, reason, options, cancellationToken);

    public Task<BulkResult> DeleteManyAsync(JobFilter filter, BulkOptions? options = null,
        CancellationToken cancellationToken = default) => _changes.DeleteAsync(filter, options, cancellationToken);
}
