using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Adds up, within one transaction, what steps that ended (or run again) mean for their children, so that a child with a thousand
/// parents in one batch is one update. All stores share it; the store reads and writes the tallies.</summary>
/// <remarks>It is filled while a store ends jobs, and emptied by taking one child after another. That may fill it again, because a skipped
/// step has children as well.</remarks>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class StepLedger
{
    private readonly Dictionary<(WorkflowId Workflow, int Number), StepTally> _said = [];
    private readonly Queue<(WorkflowId Workflow, int Number)> _order = [];
    private readonly HashSet<WorkflowId> _lost = [];

    /// <summary>Whether there is nothing to report.</summary>
    public bool IsEmpty => _order.Count == 0;

    /// <summary>The children that wait for a report, in the order in which they are taken, for stores that read them together.</summary>
    public IEnumerable<(WorkflowId Workflow, int Number)> Waiting => _order;

    /// <summary>Reports the end of a step or gate to its children.</summary>
    /// <param name="workflow">Its workflow.</param>
    /// <param name="next">Whom it tells.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="branch">The branch it returned.</param>
    public void Ended(WorkflowId workflow, IReadOnlyList<StepLink> next, StepEnd end, string? branch = null)
    {
        ArgumentNullException.ThrowIfNull(next);
        foreach (var link in next)
        {
            if (link.IsLost)
            {
                Lost(workflow);
            }

            Say(workflow, link.To, StepTally.From(link, end, branch));
        }
    }

    /// <summary>Notes the end of a step or gate whose links cannot be read.</summary>
    /// <param name="workflow">Its workflow.</param>
    public void Lost(WorkflowId workflow) => _lost.Add(workflow);

    /// <summary>Whether there is a workflow in which links were lost.</summary>
    public bool HasLost => _lost.Count > 0;

    /// <summary>Takes a workflow in which links were lost. When everything that can be reported is reported and written,
    /// <see cref="LostLinks"/> finds its children.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <returns>False: there is none.</returns>
    public bool TryTakeLost(out WorkflowId workflow)
    {
        workflow = _lost.FirstOrDefault();
        return _lost.Remove(workflow);
    }

    /// <summary>Takes back what a step or gate had reported, because it is open again.</summary>
    /// <param name="workflow">Its workflow.</param>
    /// <param name="next">Whom it had told.</param>
    /// <param name="end">How it had ended.</param>
    /// <param name="branch">The branch it had returned.</param>
    public void Reopened(WorkflowId workflow, IReadOnlyList<StepLink> next, StepEnd end, string? branch = null)
    {
        ArgumentNullException.ThrowIfNull(next);
        foreach (var link in next)
        {
            Say(workflow, link.To, -StepTally.From(link, end, branch));
        }
    }

    /// <summary>Notes a report to a step that is final. Its own end counts for its children only while everything before it is final as
    /// well: it may have been cancelled while it waited, or something before it may run again.</summary>
    /// <param name="workflow">Its workflow.</param>
    /// <param name="next">Whom it tells.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="branch">The branch it returned.</param>
    /// <param name="before">Its tally before.</param>
    /// <param name="after">Its tally now.</param>
    public void Heard(WorkflowId workflow, IReadOnlyList<StepLink> next, StepEnd end, string? branch, StepTally before, StepTally after)
    {
        if (before.Pending > 0 && after.Pending == 0)
        {
            Ended(workflow, next, end, branch);
        }
        else if (before.Pending == 0 && after.Pending > 0)
        {
            Reopened(workflow, next, end, branch);
        }
    }

    /// <summary>Notes steps that were added and report to the same children, which therefore wait for more links. Called before the end of
    /// the step that added them.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="next">The links that each of the added steps has.</param>
    /// <param name="count">How many steps were added.</param>
    public void Added(WorkflowId workflow, IReadOnlyList<StepLink> next, int count)
    {
        ArgumentNullException.ThrowIfNull(next);
        foreach (var link in next)
        {
            Say(workflow, link.To, new StepTally(count));
        }
    }

    /// <summary>Notes a new step that waits for nothing and is to be decided.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="number">The step's number.</param>
    public void Stored(WorkflowId workflow, int number) => Say(workflow, StepNumbers.Of(number), default);

    /// <summary>Takes the next child to which something is to be added.</summary>
    /// <param name="workflow">Its workflow.</param>
    /// <param name="number">A step's number, a gate's (negative), or 0 for the workflow's end.</param>
    /// <param name="change">What is added to its tally.</param>
    /// <returns>False: there is none.</returns>
    public bool TryTake(out WorkflowId workflow, out int number, out StepTally change)
    {
        if (!_order.TryDequeue(out var child))
        {
            (workflow, number, change) = (default, 0, default);
            return false;
        }

        (workflow, number) = child;
        return _said.Remove(child, out change);
    }

    /// <summary>The end of a job in a final state, as its children see it.</summary>
    /// <param name="state">The state.</param>
    /// <param name="tally">Its own tally, from which it follows why it was skipped.</param>
    /// <returns>The end.</returns>
    public static StepEnd EndOf(JobState state, StepTally tally) => state switch
    {
        JobState.Succeeded => StepEnd.Succeeded,
        JobState.Skipped => tally.SkippedEnd,
        _ => StepEnd.Failed,
    };

    private void Say(WorkflowId workflow, StepNumbers to, StepTally change)
    {
        foreach (var number in to)
        {
            var child = (workflow, number);
            if (_said.TryGetValue(child, out var before))
            {
                _said[child] = before + change;
            }
            else
            {
                _said.Add(child, change);
                _order.Enqueue(child);
            }
        }
    }
}
