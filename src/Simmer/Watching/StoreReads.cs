using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Watching;

/// <summary>The reads of the client and of all watches on one store. On a database they are read together; memory answers each at
/// once.</summary>
internal sealed class StoreReads
{
    /// <summary>How many jobs are read at once. It is small because payloads and results are read with them.</summary>
    private const int JobsAtOnce = 100;

    private readonly SharedReads<JobId, JobRecord?>? _jobs;
    private readonly SharedReads<(WorkflowId Id, bool Counted), WorkflowRecord?>? _workflows;
    private readonly SharedReads<WorkflowId, IReadOnlyList<StepSnapshot>>? _steps;

    public StoreReads(IJobStore store, WorkStarter starter)
    {
        Browser = store.Browser;
        if (store.IsDurable)
        {
            // No caller's token is passed on, because the read answers several callers.
            _jobs = new(starter, JobsAtOnce, ids => Browser.GetAsync(ids, CancellationToken.None));
            _workflows = new(starter, 1,
                async asked => [await Browser.WorkflowAsync(asked[0].Id, asked[0].Counted, CancellationToken.None)]);
            _steps = new(starter, 1, async ids => [await Browser.StepsAsync(ids[0], null, CancellationToken.None)]);
        }
    }

    public IJobBrowser Browser { get; }

    public async ValueTask<JobRecord?> JobAsync(JobId id, CancellationToken cancellationToken) =>
        _jobs is null ? (await Browser.GetAsync([id], cancellationToken))[0] : await _jobs.ReadAsync(id, cancellationToken);

    public async ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken) =>
        _workflows is null
            ? await Browser.WorkflowAsync(id, counted, cancellationToken)
            : await _workflows.ReadAsync((id, counted), cancellationToken);

    public async ValueTask<IReadOnlyList<StepSnapshot>> StepsAsync(WorkflowId id, CancellationToken cancellationToken) =>
        _steps is null ? await Browser.StepsAsync(id, null, cancellationToken) : await _steps.ReadAsync(id, cancellationToken);
}
