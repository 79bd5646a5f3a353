using System.Runtime.CompilerServices;
using Simmer.Context;
using Simmer.Engine;
using Simmer.Runtime;
using Simmer.Watching;

namespace Simmer.Client;

/// <summary>Looks workflows up, watches them and waits for them, in whichever store of this process they are.</summary>
internal sealed class WorkflowReader(EngineContext context, StoreEngines engines)
{
    public async Task<WorkflowRecord?> GetAsync(WorkflowId id, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        return (await FindAsync(id, counted: true, cancellationToken)).Workflow;
    }

    public async Task<IReadOnlyList<StepRecord>> GetStepsAsync(WorkflowId id, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in engines.All)
        {
            if (await engine.Reads.StepsAsync(id, cancellationToken) is { Count: > 0 } found)
            {
                return [.. found.Select(StepRecord.Of)];
            }
        }

        return [];
    }

    public async IAsyncEnumerable<WorkflowRecord> WatchAsync(WorkflowId id, long afterVersion,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CallerContext.Leave();

        // The watch begins before the first look: a change between the two is not missed.
        using var watch = context.Watcher.Begin(id, counted: true);
        using var cancelled = cancellationToken.Register(static w => ((Watch)w!).Pulse.Set(), watch);
        var ran = false;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (workflow, where) = await FindAsync(id, counted: true, cancellationToken);

            // The end is told in any case, as with a job.
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

    public async Task<WorkflowRecord?> WaitAsync(WorkflowId id, CancellationToken cancellationToken)
    {
        CallerContext.Leave();

        // Only the workflow's own row is watched: reading all steps at every change of one would cost more than the steps themselves.
        using var watch = context.Watcher.Begin(id, counted: false);
        using var cancelled = cancellationToken.Register(static w => ((Watch)w!).Pulse.Set(), watch);
        using var wait = new StalledWait(context, engines);
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

        return await GetAsync(id, cancellationToken);
    }

    private async Task<(WorkflowRecord? Workflow, StoreReads Where)> FindAsync(WorkflowId id, bool counted,
        CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in engines.All)
        {
            if (await engine.Reads.WorkflowAsync(id, counted, cancellationToken) is { } found)
            {
                return (found, engine.Reads);
            }
        }

        return (null, engines.Memory.Reads);
    }
}
