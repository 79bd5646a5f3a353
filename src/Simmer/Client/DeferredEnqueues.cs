using System.Data.Common;
using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Engine;
using Simmer.Enqueue;
using Simmer.Jobs;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Makes jobs and workflows now and stores them later, in a transaction that is not open yet.</summary>
internal sealed class DeferredEnqueues(EngineContext context, StoreEngines engines, DraftFactory drafts, WorkflowFactory workflows,
    JobClient client)
{
    private readonly Handles _handles = new(client);

    public DeferredJob Defer(IJob job, EnqueueOptions? options, out JobHandle handle)
    {
        var draft = Make(job, options);
        handle = _handles.Of(NotYet(draft));
        return new DeferredJob(draft, handle, context.Metrics);
    }

    public DeferredJob Defer<TResult>(IJob<TResult> job, EnqueueOptions? options, out JobHandle<TResult> handle)
    {
        var draft = Make(job, options);
        handle = _handles.Of<TResult>(NotYet(draft), draft.Route!.Kind.Result!);
        return new DeferredJob(draft, handle, context.Metrics);
    }

    public DeferredWorkflow Defer(WorkflowElement workflow, WorkflowOptions? options, out WorkflowHandle handle)
    {
        var draft = Make(workflow, options);
        handle = _handles.Of(NotYet(draft));
        return new DeferredWorkflow(draft, handle, context.Metrics);
    }

    public DeferredWorkflow Defer<TResult>(Chain<TResult> workflow, WorkflowOptions? options, out WorkflowHandle<TResult> handle)
    {
        var draft = Make(workflow, options);
        handle = _handles.Of<TResult>(draft, NotYet(draft));
        return new DeferredWorkflow(draft, handle, context.Metrics);
    }

    /// <summary>Refuses a transaction that jobs cannot be part of.</summary>
    /// <exception cref="InvalidOperationException">It is not one of the store's own database.</exception>
    public void Check(DbTransaction transaction) => client.CheckTransaction(transaction);

    /// <summary>Stores in the transaction what was made before, in that order; of several jobs in a row all or none, in one round trip.
    /// What fails leaves the rest to the caller's rollback.</summary>
    public async ValueTask StoreAsync(DbTransaction transaction, IReadOnlyList<Deferred> made, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        Check(transaction);
        var (engine, intake) = (engines.Durable!, new TransactionIntake(context, transaction));
        for (var i = 0; i < made.Count;)
        {
            if (made[i] is DeferredWorkflow workflow)
            {
                workflow.Report = EnqueueAnswers.Accepted(await intake.StoreAsync(engine, workflow.Draft, cancellationToken));
                i++;
                continue;
            }

            DeferredJob[] jobs = [.. made.Skip(i).TakeWhile(static d => d is DeferredJob).Cast<DeferredJob>()];
            var ofJobs = Array.ConvertAll(jobs, static j => j.Draft);
            BatchLimits.Check(ofJobs, "Give them in several calls.");
            var reports = await intake.StoreAsync(engine, ofJobs, cancellationToken);
            for (var j = 0; j < jobs.Length; j++)
            {
                jobs[j].Report = EnqueueAnswers.Accepted(context, reports[j], jobs[j].Draft);
            }

            i += jobs.Length;
        }
    }

    private JobDraft Make(IJob job, EnqueueOptions? options)
    {
        RefuseWithoutDatabase();
        var kind = context.Catalog.Of(job);
        options ??= new EnqueueOptions();
        using var activity = Telemetry.StartSend(options.Queue ?? kind.Queue);
        var draft = drafts.Make(job, options with { Id = options.Id ?? NewIds.Next(context.Now) }, kind);
        return draft.Route!.IsDurable ? draft : throw TransactionIntake.InMemory(draft.Queue);
    }

    private WorkflowDraft Make(WorkflowElement workflow, WorkflowOptions? options)
    {
        RefuseWithoutDatabase();
        using var activity = Telemetry.StartSend("workflow");
        var id = options?.Id is { } given && given.Value != Guid.Empty ? given : WorkflowId.Next(context.Now);
        var draft = workflows.Make(workflow, (options ?? new WorkflowOptions()) with { Id = id });
        Telemetry.Sent(activity, draft.Steps.Count);
        return draft.Steps.Count == 0 || draft.Steps[0].Route!.IsDurable ? draft : throw TransactionIntake.InMemory(draft.Steps[0].Queue);
    }

    private void RefuseWithoutDatabase()
    {
        if (engines.Durable?.Store is not ITransactionalStore)
        {
            throw new InvalidOperationException($"The job cannot be part of a transaction: {TransactionIntake.NoDatabase}.");
        }
    }

    private static EnqueueReport NotYet(JobDraft draft) => new(EnqueueStatus.Stored, draft.Id, JobState.Unknown);

    private static WorkflowReport NotYet(WorkflowDraft draft) => new(EnqueueStatus.Stored, draft.Id, WorkflowState.Unknown);
}
