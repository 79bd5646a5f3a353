using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Enqueue;

/// <summary>A call that stores a workflow, whole or not at all.</summary>
internal sealed class WorkflowEnqueue(WorkflowDraft workflow) : EnqueueCall
{
    private readonly TaskCompletionSource<WorkflowReport> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<WorkflowReport> Task => _done.Task;

    public override int Count => workflow.Steps.Count;

    public override bool IsTold => _done.Task.IsCompleted;

    public override string What => $"workflow {workflow.Id}";

    public override string HowToRepeat => $"Enqueue it again with the same id (WorkflowOptions.Id = {workflow.Id}): it is stored once.";

    public override JobDraft this[int index] => workflow.Steps[index];

    public override WorkflowDraft? Workflow => workflow;

    public override void Leave()
    {
        foreach (var (route, count) in DraftRoutes.Of(workflow.Steps))
        {
            route.Leave(count);
        }
    }

    public override void Tell(SimmerMetrics metrics, IReadOnlyList<EnqueueReport> reports, int from) =>
        throw new InvalidOperationException("A workflow is answered as one.");

    public override void Succeed(IReadOnlyList<EnqueueReport> reports, int from) =>
        throw new InvalidOperationException("A workflow is answered as one.");

    public void Succeed(WorkflowReport report) => _ = _done.TrySetResult(report);

    public override void Fail(Exception error) => _done.TrySetException(error);
}
