using System.Data.Common;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Enqueue;

/// <summary>What is made now and stored later, in a transaction that is not open yet.</summary>
internal sealed partial class JobClient
{
    private const string NoDatabase = "no database is configured that could share it; call UseSqlite(...) or UsePostgres(...)";

    public DeferredJob Defer(IJob job, EnqueueOptions? options, out JobHandle handle)
    {
        var draft = MakeDurable(job, options);
        handle = HandleOf(NotYet(draft));
        return new DeferredJob(draft, handle, _context.Metrics);
    }

    public DeferredJob Defer<TResult>(IJob<TResult> job, EnqueueOptions? options, out JobHandle<TResult> handle)
    {
        var draft = MakeDurable(job, options);
        handle = HandleOf<TResult>(NotYet(draft), draft.Route!.Kind.Result!);
        return new DeferredJob(draft, handle, _context.Metrics);
    }

    public DeferredWorkflow Defer(WorkflowElement workflow, WorkflowOptions? options, out WorkflowHandle handle)
    {
        var draft = MakeDurable(workflow, options);
        handle = HandleOf(NotYet(draft));
        return new DeferredWorkflow(draft, handle, _context.Metrics);
    }

    public DeferredWorkflow Defer<TResult>(Chain<TResult> workflow, WorkflowOptions? options, out WorkflowHandle<TResult> handle)
    {
        var draft = MakeDurable(workflow, options);
        handle = HandleOf<TResult>(draft, NotYet(draft));
        return new DeferredWorkflow(draft, handle, _context.Metrics);
    }

    /// <summary>Stores in the transaction what was made before, in that order; of several jobs in a row all or none, in one round trip.
    /// What fails leaves the rest to the caller's rollback.</summary>
    public async ValueTask StoreAsync(DbTransaction within, IReadOnlyList<Deferred> made, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        var client = (JobClient)Within(within);
        for (var i = 0; i < made.Count;)
        {
            if (made[i] is DeferredWorkflow workflow)
            {
                workflow.Report = Accepted(await client.StoreWithinAsync(node.Durable!, workflow.Draft, cancellationToken));
                i++;
                continue;
            }

            DeferredJob[] jobs = [.. made.Skip(i).TakeWhile(static d => d is DeferredJob).Cast<DeferredJob>()];
            var reports = await client.StoreAsync(node.Durable!, Array.ConvertAll(jobs, static j => j.Draft), cancellationToken);
            for (var j = 0; j < jobs.Length; j++)
            {
                jobs[j].Report = Accepted(reports[j], jobs[j].Draft);
            }

            i += jobs.Length;
        }
    }

    private JobDraft MakeDurable(IJob job, EnqueueOptions? options)
    {
        RefuseWithoutDatabase();
        var kind = _context.Catalog.Of(job);
        options ??= new EnqueueOptions();
        using var activity = Telemetry.StartSend(options.Queue ?? kind.Queue);
        var draft = node.Drafts.Make(job, options with { Id = options.Id ?? NewIds.Next(_context.Now) }, kind);
        return draft.Route!.IsDurable ? draft : throw InMemory(draft.Queue);
    }

    private WorkflowDraft MakeDurable(WorkflowElement workflow, WorkflowOptions? options)
    {
        RefuseWithoutDatabase();
        using var activity = Telemetry.StartSend("workflow");
        var id = options?.Id is { } given && given.Value != Guid.Empty ? given : WorkflowId.Next(_context.Now);
        var (draft, engine) = node.Workflows.Make(workflow, (options ?? new WorkflowOptions()) with { Id = id });
        Telemetry.Sent(activity, draft.Steps.Count);
        return engine is null || engine == node.Durable ? draft : throw InMemory(draft.Steps[0].Queue);
    }

    private void RefuseWithoutDatabase()
    {
        if (node.Durable?.Store is not ITransactionalStore)
        {
            throw new InvalidOperationException($"The job cannot be part of a transaction: {NoDatabase}.");
        }
    }

    private static EnqueueReport NotYet(JobDraft draft) => new(EnqueueStatus.Stored, draft.Id, JobState.Unknown);

    private static WorkflowReport NotYet(WorkflowDraft draft) => new(EnqueueStatus.Stored, draft.Id, WorkflowState.Unknown);
}
