using System.Runtime.CompilerServices;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Storage;
using Simmer.Watching;

namespace Simmer.Enqueue;

internal sealed partial class JobClient
{
    public async Task<WorkflowHandle> EnqueueAsync(WorkflowElement workflow, WorkflowOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        var (_, report) = await StoreAsync(workflow, options, cancellationToken);
        return HandleOf(report);
    }

    private WorkflowHandle HandleOf(WorkflowReport report) => new(this, report.Id, report.State, report.Status == EnqueueStatus.Duplicate);

    public async Task<WorkflowHandle<TResult>> EnqueueAsync<TResult>(Chain<TResult> workflow, WorkflowOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        var (draft, report) = await StoreAsync(workflow, options, cancellationToken);
        return HandleOf<TResult>(draft, report);
    }

    private WorkflowHandle<TResult> HandleOf<TResult>(WorkflowDraft draft, WorkflowReport report)
    {
        // Steps that undo or come last are behind it and have another role.
        var last = draft.Steps.Last(static s => s.Step!.Role == StepRole.Step);
        var adapter = last.Route!.Kind.Result!;
        return new WorkflowHandle<TResult>(this, report.Id, report.State, report.Status == EnqueueStatus.Duplicate, last.Id,
            job => job.Kind == last.Kind
            ? (TResult)adapter.ParseAny(job)!
            : throw new InvalidOperationException(
                $"Workflow {report.Id} was stored before and is another: its step '{job.Step}' is a '{job.Kind}', not a '{last.Kind}'."));
    }

    public async Task<WorkflowRecord?> GetWorkflowAsync(WorkflowId id, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        return (await FindAsync(id, counted: true, cancellationToken)).Workflow;
    }

    private async Task<(WorkflowRecord? Workflow, StoreReads Where)> FindAsync(WorkflowId id, bool counted,
        CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in node.Engines)
        {
            if (await engine.Reads.WorkflowAsync(id, counted, cancellationToken) is { } found)
            {
                return (found, engine.Reads);
            }
        }

        return (null, node.Memory.Reads);
    }

    public async Task<IReadOnlyList<StepRecord>> GetStepsAsync(WorkflowId id, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        foreach (var engine in node.Engines)
        {
            if (await engine.Reads.StepsAsync(id, cancellationToken) is { Count: > 0 } found)
            {
                return found;
            }
        }

        return [];
    }

    public async IAsyncEnumerable<WorkflowRecord> WatchWorkflowAsync(WorkflowId id, long afterVersion = -1,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        // As with a job: watch first, then look.
        using var watch = _context.Watcher.Begin(id, counted: true);
        using var cancelled = cancellationToken.Register(static w => ((Watch)w!).Pulse.Set(), watch);
        var ran = false;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (workflow, where) = await FindAsync(id, counted: true, cancellationToken);

            // As with a job: the end is told in any case.
            if (workflow is not null && (workflow.Version != afterVersion || (ran && workflow.State != WorkflowState.Running)))
            {
                afterVersion = workflow.Version;
                yield return workflow;
                CallerContext.Leave();
            }

            if (workflow is null or { State: not WorkflowState.Running })
            {
                yield break;
            }

            ran = true;
            watch.Saw(where, workflow.Version);
            await watch.Pulse.WaitAsync(Timeout.InfiniteTimeSpan);
        }
    }

    public async Task<WorkflowRecord?> WaitWorkflowAsync(WorkflowId id, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        // Only the end is waited for: looking through all steps at every change of one would cost more than the steps themselves.
        using var watch = _context.Watcher.Begin(id, counted: false);
        using var cancelled = cancellationToken.Register(static w => ((Watch)w!).Pulse.Set(), watch);
        using var wait = new StalledWait(node);
        while (await FindAsync(id, counted: false, cancellationToken) is ({ State: WorkflowState.Running } workflow, var where))
        {
            watch.Saw(where, workflow.Version);
            wait.Saw(id);
            while (!await watch.Pulse.WaitAsync(wait.NextLook))
            {
                await wait.PollAsync(where, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        return await GetWorkflowAsync(id, cancellationToken);
    }

    public async Task<CancelResult> CancelWorkflowAsync(WorkflowId id, string? reason = null, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        foreach (var engine in node.Engines)
        {
            var report = await engine.Store.CancelWorkflowAsync(id, StoredText.Shown(reason), _context.Now, cancellationToken);
            if (report.Result == CancelResult.NotFound)
            {
                continue;
            }

            foreach (var (owner, token) in report.Running)
            {
                if (owner == engine.Registered)
                {
                    // It runs here: no need to wait for the beat.
                    engine.Cancel(token);
                }
            }

            engine.Released(report.Released);
            engine.Intake.RequestFlush();
            _context.Watcher.Notify(id);
            return report.Refused.Count == 0 ? report.Result : throw new StoreException(
                $"{report.Refused[0].Error.Message} "
                    + $"{(report.Refused.Count == 1 ? "That step goes on" : $"That step and {report.Refused.Count - 1:N0} more go on")}; "
                    + $"the other steps of workflow {id} were cancelled.",
                report.Refused[0].Error.IsTransient, inner: report.Refused[0].Error);
        }

        return CancelResult.NotFound;
    }

    public Task<RetryResult> RetryWorkflowAsync(WorkflowId id, bool force = false, CancellationToken cancellationToken = default) =>
        RetryAsync(new WorkflowRetryRequest(id, null, force), cancellationToken);

    public Task<RetryResult> RetryStepAsync(JobId step, bool force = false, CancellationToken cancellationToken = default) =>
        RetryAsync(new WorkflowRetryRequest(WorkflowId.OfStep(step), step, force), cancellationToken);

    public async Task<bool> DeleteWorkflowAsync(WorkflowId id, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        foreach (var engine in node.Engines)
        {
            var result = await engine.Store.DeleteWorkflowAsync(id, _context.Now, cancellationToken);
            if (result != WorkflowDeleteResult.NotFound)
            {
                _context.Watcher.Notify(id);
                return result == WorkflowDeleteResult.Deleted;
            }
        }

        return false;
    }

    private async Task<RetryResult> RetryAsync(WorkflowRetryRequest request, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in node.Engines)
        {
            var answer = await engine.Store.RetryWorkflowAsync(request, _context.Now, cancellationToken);
            if (answer.Status != RetryStatus.NotFound)
            {
                _context.Watcher.Notify(request.Workflow);
                return Retried(engine, answer, request.Step);
            }
        }

        return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
    }

    private RetryResult Retried(StoreEngine engine, RetryResult answer, JobId? id)
    {
        if (answer.Status == RetryStatus.Retried)
        {
            engine.Runner.HintAll();
            engine.Intake.RequestFlush();
        }

        if (id is { } job)
        {
            _context.Watcher.Notify(job);
        }

        return answer switch
        {
            { Error: null } => answer,
            { Status: RetryStatus.Retried } =>
                throw new StoreException($"{answer.Error.Message} What else was to run again does.", answer.Error.IsTransient,
                    inner: answer.Error),
            _ => throw answer.Error,
        };
    }

    /// <summary>A job that may be a step was cancelled: those that waited for it may be ready or final now.</summary>
    private void StepsMayFollow(StoreEngine engine, JobId id)
    {
        engine.Runner.HintAll();
        engine.Intake.RequestFlush();
        _context.Watcher.Notify(WorkflowId.OfStep(id));
    }

    private async Task<(WorkflowDraft Draft, WorkflowReport Report)> StoreAsync(WorkflowElement workflow, WorkflowOptions? options,
        CancellationToken cancellationToken)
    {
        using var activity = Telemetry.StartSend("workflow");
        var (draft, wanted) = node.Workflows.Make(workflow, options);
        Telemetry.Sent(activity, draft.Steps.Count);
        var engine = wanted ?? node.Durable ?? node.Memory;
        if (engine.Store.IsDurable)
        {
            BatchLimits.Check(draft.Steps,
                "Store the data elsewhere and put where it is into the steps, or let steps add others when they have run.");
        }

        if (transaction is not null)
        {
            var within = Accepted(await StoreWithinAsync(engine, draft, cancellationToken));
            _context.Metrics.Sent(draft, within);
            return (draft, within.Status == EnqueueStatus.Duplicate ? within : within with { State = WorkflowState.Unknown });
        }

        AmbientTransaction.Refuse();
        EnterAll(draft.Steps);
        var call = new WorkflowEnqueue(draft);
        engine.Intake.Enqueue(call);
        return (draft, Accepted(await Waited(call, call.Task, cancellationToken)));
    }

    private ValueTask<WorkflowReport> StoreWithinAsync(StoreEngine engine, WorkflowDraft draft, CancellationToken cancellationToken) =>
        engine.Store is ITransactionalStore store
        ? store.EnqueueWorkflowWithinAsync(transaction!, draft, _context.Now, cancellationToken)
        : throw InMemory(draft.Steps[0].Queue);

    private static WorkflowReport Accepted(WorkflowReport report) => report switch
    {
        { Status: EnqueueStatus.Refused } => throw report.Error ?? new StoreException("The store refused the workflow without saying why."),
        { State: WorkflowState.Unknown } => throw new StoreException(
            $"What became of workflow {report.Id} cannot be told: it was stored by a transaction whose answer got lost, and now it is "
                + "not there. It has ended where nothing is kept, or somebody has deleted it.",
            isTransient: true, outcomeUnknown: true),
        _ => report,
    };
}
