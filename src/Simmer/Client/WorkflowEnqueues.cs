using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Engine;
using Simmer.Enqueue;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Makes drafts of workflows and stores them.</summary>
internal sealed class WorkflowEnqueues(EngineContext context, StoreEngines engines, WorkflowFactory factory, IEnqueueIntake intake)
{
    public async ValueTask<(WorkflowDraft Draft, WorkflowReport Report)> StoreAsync(WorkflowElement workflow, WorkflowOptions? options,
        CancellationToken cancellationToken)
    {
        using var activity = Telemetry.StartSend("workflow");
        var draft = factory.Make(workflow, options);
        Telemetry.Sent(activity, draft.Steps.Count);
        var engine = draft.Steps.Count > 0 ? draft.Steps[0].Engine() : engines.Durable ?? engines.Memory;
        if (engine.Store.IsDurable)
        {
            BatchLimits.Check(draft.Steps,
                "Store the data elsewhere and put where it is into the steps, or let steps add others when they have run.");
        }

        intake.Check();
        var report = EnqueueAnswers.Accepted(await intake.StoreAsync(engine, draft, cancellationToken));
        if (!intake.IsUncommitted)
        {
            return (draft, report);
        }

        context.Metrics.Sent(draft, report);
        return (draft, report.Status == EnqueueStatus.Duplicate ? report : report with { State = WorkflowState.Unknown });
    }
}
