using System.Data.Common;
using Simmer.Context;
using Simmer.Engine;
using Simmer.Enqueue;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>The application's side of the engine: hands each call to the room that does it.</summary>
internal sealed class JobClient : IJobClient
{
    private readonly EngineContext _context;
    private readonly StoreEngines _engines;
    private readonly DraftFactory _draftFactory;
    private readonly WorkflowFactory _workflowFactory;
    private readonly JobEnqueues _jobs;
    private readonly WorkflowEnqueues _workflows;
    private readonly JobReader _jobReader;
    private readonly WorkflowReader _workflowReader;
    private readonly JobSteering _jobSteering;
    private readonly WorkflowSteering _workflowSteering;
    private readonly Handles _handles;

    public JobClient(EngineContext context, StoreEngines engines, DraftFactory drafts, WorkflowFactory workflows)
        : this(context, engines, drafts, workflows, new FlushedIntake())
    {
    }

    private JobClient(EngineContext context, StoreEngines engines, DraftFactory drafts, WorkflowFactory workflows, IEnqueueIntake intake)
    {
        (_context, _engines, _draftFactory, _workflowFactory) = (context, engines, drafts, workflows);
        _jobs = new JobEnqueues(context, drafts, intake);
        _workflows = new WorkflowEnqueues(context, engines, workflows, intake);
        _jobReader = new JobReader(context, engines);
        _workflowReader = new WorkflowReader(context, engines);
        Batches = new BatchSteering(context);
        _jobSteering = new JobSteering(context, engines, Batches);
        _workflowSteering = new WorkflowSteering(context, engines);
        _handles = new Handles(this);
    }

    /// <summary>Changes many jobs at a time.</summary>
    public BatchSteering Batches { get; }

    /// <summary>For what is made now and stored later.</summary>
    public DeferredEnqueues Deferred => new(_context, _engines, _draftFactory, _workflowFactory, this);

    public async Task<JobHandle> EnqueueAsync(IJob job, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        return _handles.Of(await _jobs.OneAsync(job, options, cancellationToken));
    }

    public async Task<JobHandle<TResult>> EnqueueAsync<TResult>(IJob<TResult> job, EnqueueOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        var adapter = _context.Catalog.Of(job).Result!;
        return _handles.Of<TResult>(await _jobs.OneAsync(job, options, cancellationToken), adapter);
    }

    public Task<IReadOnlyList<JobHandle>> EnqueueManyAsync(IEnumerable<IJob> jobs, EnqueueOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        if (options is { Id: not null } or { UniqueKey: not null })
        {
            throw new ArgumentException("An id or a unique key belongs to one job; give each job its own options.", nameof(options));
        }

        return EnqueueManyAsync(jobs.Select(job => (job, options)), cancellationToken);
    }

    public async Task<IReadOnlyList<JobHandle>> EnqueueManyAsync(IEnumerable<(IJob Job, EnqueueOptions? Options)> jobs,
        CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        ArgumentNullException.ThrowIfNull(jobs);
        return _handles.Of(await _jobs.ManyAsync(jobs, cancellationToken));
    }

    public async Task<WorkflowHandle> EnqueueAsync(WorkflowElement workflow, WorkflowOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        var (_, report) = await _workflows.StoreAsync(workflow, options, cancellationToken);
        return _handles.Of(report);
    }

    public async Task<WorkflowHandle<TResult>> EnqueueAsync<TResult>(Chain<TResult> workflow, WorkflowOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        var (draft, report) = await _workflows.StoreAsync(workflow, options, cancellationToken);
        return _handles.Of<TResult>(draft, report);
    }

    public Task<JobRecord?> GetAsync(JobId id, CancellationToken cancellationToken = default) =>
        _jobReader.GetAsync(id, cancellationToken);

    public Task<WorkflowRecord?> GetAsync(WorkflowId id, CancellationToken cancellationToken = default) =>
        _workflowReader.GetAsync(id, cancellationToken);

    public Task<IReadOnlyList<StepRecord>> GetStepsAsync(WorkflowId id, CancellationToken cancellationToken = default) =>
        _workflowReader.GetStepsAsync(id, cancellationToken);

    public IAsyncEnumerable<JobRecord> WatchAsync(JobId id, long afterVersion = -1, CancellationToken cancellationToken = default) =>
        _jobReader.WatchAsync(id, afterVersion, cancellationToken);

    public IAsyncEnumerable<WorkflowRecord> WatchAsync(WorkflowId id, long afterVersion = -1,
        CancellationToken cancellationToken = default) => _workflowReader.WatchAsync(id, afterVersion, cancellationToken);

    public Task<JobRecord?> WaitAsync(JobId id, CancellationToken cancellationToken = default) =>
        _jobReader.WaitAsync(id, cancellationToken);

    public Task<WorkflowRecord?> WaitAsync(WorkflowId id, CancellationToken cancellationToken = default) =>
        _workflowReader.WaitAsync(id, cancellationToken);

    public Task<CancelResult> CancelAsync(JobId id, string? reason = null, CancellationToken cancellationToken = default) =>
        _jobSteering.CancelAsync(id, reason, cancellationToken);

    public Task<CancelResult> CancelAsync(WorkflowId id, string? reason = null, CancellationToken cancellationToken = default) =>
        _workflowSteering.CancelAsync(id, reason, cancellationToken);

    public Task<RetryResult> RetryAsync(JobId id, bool force = false, CancellationToken cancellationToken = default) =>
        _jobSteering.RetryAsync(id, force, cancellationToken);

    public Task<RetryResult> RetryAsync(WorkflowId id, bool force = false, CancellationToken cancellationToken = default) =>
        _workflowSteering.RetryAsync(id, force, cancellationToken);

    public Task<DeleteResult> DeleteAsync(JobId id, CancellationToken cancellationToken = default) =>
        _jobSteering.DeleteAsync(id, cancellationToken);

    public Task<DeleteResult> DeleteAsync(WorkflowId id, CancellationToken cancellationToken = default) =>
        _workflowSteering.DeleteAsync(id, cancellationToken);

    public IJobClient Within(DbTransaction transaction)
    {
        CheckTransaction(transaction);
        return new JobClient(_context, _engines, _draftFactory, _workflowFactory, new TransactionIntake(_context, transaction));
    }

    /// <exception cref="InvalidOperationException">No store is configured that can share the transaction.</exception>
    public void CheckTransaction(DbTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var why = _engines.Durable?.Store is ITransactionalStore store ? store.WhyNot(transaction) : TransactionIntake.NoDatabase;
        if (why is not null)
        {
            throw new InvalidOperationException($"The transaction cannot be used: {why}.");
        }
    }
}
