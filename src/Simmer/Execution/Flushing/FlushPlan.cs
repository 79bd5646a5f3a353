using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Execution.Flushing;

/// <summary>Decides, at the last moment before a flush is sent, what is dispatched here and what is claimed.</summary>
/// <param name="runner">The queues of this process.</param>
/// <param name="isApart">Whether the flushes carry blocked operations only: they neither dispatch nor claim, since both are for what
/// nothing holds up.</param>
internal sealed class FlushPlan(QueueRunner runner, bool isApart)
{
    public void Make(FlushBatch batch, double roundTrip)
    {
        var group = 0;
        foreach (var call in batch.Calls)
        {
            if (call.Workflow is { } workflow)
            {
                Add(batch, workflow);
                continue;
            }

            var number = call.Count > 1 ? ++group : 0;
            for (var i = 0; i < call.Count; i++)
            {
                batch.Enqueues.Add(new EnqueueRequest(call[i], !isApart && runner.TryReserve(call[i], roundTrip), number));
            }
        }

        if (isApart)
        {
            return;
        }

        // The steps that these settlements release are ready before the claims of this very flush.
        if (batch.Settlements.Exists(static s => s.Step is { LeadsOn: true }))
        {
            runner.HintAll();
        }

        runner.PlanClaims(batch.Claims, batch.Hints, roundTrip, out var suspects);
        batch.Suspects = suspects;
    }

    /// <summary>Gives back the slots that <see cref="Make"/> took, because the batch will not be carried out.</summary>
    public void Undo(FlushBatch batch)
    {
        foreach (var request in batch.Enqueues)
        {
            if (request.Dispatch)
            {
                runner.Dispatched(request.Job, null);
            }
        }

        runner.Answered(batch.Claims, batch.Hints, [], default);
        HintClaims(batch);
    }

    /// <summary>Keeps the hints of the queues of a flush whose claims were left out: they may still have ready jobs.</summary>
    public void HintClaims(FlushBatch batch)
    {
        foreach (var claim in batch.Claims)
        {
            runner.Hint(claim.Queue);
        }
    }

    // The flush that stores a workflow also claims its first steps, if there is room.
    private void Add(FlushBatch batch, WorkflowDraft workflow)
    {
        batch.Workflows.Add(workflow);
        string? hinted = null;
        foreach (var step in workflow.Steps)
        {
            if (step.Step!.Pending == 0 && !ReferenceEquals(step.Queue, hinted))
            {
                runner.Hint(hinted = step.Queue);
            }
        }
    }
}
