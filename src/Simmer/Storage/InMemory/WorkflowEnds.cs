using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>Ends workflows, opens them again, and forgets them with all their steps when their time is over.</summary>
/// <param name="tables">The rows.</param>
/// <param name="historyLimit">How many steps of ended workflows are kept at most; the oldest workflows go first.</param>
internal sealed class WorkflowEnds(MemoryTables tables, int historyLimit)
{
    /// <summary>Ended workflows by the end of their retention. Entries of those that were opened again or deleted are dropped when their
    /// turn comes.</summary>
    private readonly PriorityQueue<WorkflowRow, DateTimeOffset> _ended = new();

    /// <summary>Ended workflows, the oldest first.</summary>
    private readonly LinkedList<WorkflowRow> _endedInOrder = new();
    private int _endedSteps;

    public void End(WorkflowRow workflow, DateTimeOffset now)
    {
        workflow.State = FollowDecision.EndOf(WorstOf(workflow));
        workflow.Version++;
        workflow.FinishedAt = now;
        workflow.KeepUntil = StoreRules.KeepUntil(now, workflow.KeepFor);
        _ended.Enqueue(workflow, workflow.KeepUntil);
        _endedInOrder.AddLast(workflow);
        _endedSteps += workflow.Steps.Count;

        // The newest stays, however large it is, because a caller may be waiting for it.
        while (_endedSteps > historyLimit && _endedInOrder.First!.Value != workflow)
        {
            Forget(_endedInOrder.First.Value);
        }

        // As with jobs: a workflow that was forgotten is still noted by the end of its retention, with all its steps. Once such notes are
        // most of all, they are written anew.
        if (_ended.Count > 2 * _endedInOrder.Count + 1_000)
        {
            _ended.Clear();
            foreach (var kept in _endedInOrder)
            {
                _ended.Enqueue(kept, kept.KeepUntil);
            }
        }
    }

    public void Reopen(WorkflowRow workflow)
    {
        Unlist(workflow);
        workflow.State = WorkflowState.Running;
        workflow.FinishedAt = null;
        workflow.Version++;
    }

    public void Forget(WorkflowRow workflow)
    {
        Unlist(workflow);
        foreach (var row in workflow.Steps)
        {
            tables.Forget(row);
        }

        _ = tables.Workflows.Remove(workflow.Id);
    }

    /// <summary>Forgets workflows whose retention is over, each whole.</summary>
    /// <param name="limit">With how many steps: the last one may go over it.</param>
    /// <param name="now">The present time.</param>
    /// <returns>How many steps went with them.</returns>
    public int DeleteOverdue(int limit, DateTimeOffset now)
    {
        var deleted = 0;
        while (deleted < limit && _ended.TryPeek(out var workflow, out var end) && end <= now)
        {
            _ = _ended.Dequeue();
            if (workflow.State != WorkflowState.Running && workflow.KeepUntil == end
                && tables.Workflows.GetValueOrDefault(workflow.Id) == workflow)
            {
                deleted += workflow.Steps.Count;
                Forget(workflow);
            }
        }

        return deleted;
    }

    private static JobState WorstOf(WorkflowRow workflow)
    {
        var worst = JobState.Unknown;
        foreach (var step in workflow.Steps)
        {
            if (step.State == JobState.Failed || (step.State == JobState.Cancelled && worst == JobState.Unknown))
            {
                worst = step.State;
            }
        }

        return worst;
    }

    private void Unlist(WorkflowRow workflow)
    {
        if (workflow.State != WorkflowState.Running && _endedInOrder.Remove(workflow))
        {
            _endedSteps -= workflow.Steps.Count;
        }
    }
}
