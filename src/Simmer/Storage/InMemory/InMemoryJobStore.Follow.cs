namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <summary>What ended steps say to their children, until <see cref="Follow"/> tells these.</summary>
    private readonly StepLedger _ledger = new();

    /// <summary>Tells the children of what has ended: they are released or skipped, and so are their own.</summary>
    private ReleaseReport Follow(DateTimeOffset now)
    {
        if (_ledger.IsEmpty)
        {
            return ReleaseReport.Nothing;
        }

        var followed = new Followed();
        while (_ledger.TryTake(out var id, out var number, out var change))
        {
            if (!_workflows.TryGetValue(id, out var workflow))
            {
                continue;
            }

            followed.Workflows.Add(id);
            switch (number)
            {
                case 0:
                    FollowEnd(workflow, change, now);
                    break;
                case < 0:
                    FollowGate(workflow, workflow.Gates[-number - 1], change);
                    break;
                default:
                    FollowStep(workflow.Steps[number - 1], change, now, followed);
                    break;
            }
        }

        return followed.ToReport();
    }

    private void FollowStep(JobRow row, StepTally change, DateTimeOffset now, Followed followed)
    {
        var step = row.Detail!.Step!;
        var before = step.Tally;
        step.Tally += change;
        if (row.State == JobState.Skipped && step.Tally.Pending > 0)
        {
            // Something it had waited for runs again: it waits as well, and so do those that were skipped after it.
            Refresh(row);
            row.Sequence = ++_lastSequence;
            Move(row, JobState.Waiting);
            _ledger.Reopened(step.Workflow.Id, row.Job.Step!.Next, before.SkippedEnd);
            followed.Steps.Add(row.Id);
        }
        else if (row.State == JobState.Waiting && step.Tally.Pending == 0)
        {
            followed.Steps.Add(row.Id);
            if (step.Tally.Runs(row.Job.Step!.Rule, row.Job.Step.Role))
            {
                Release(row, now, followed);
            }
            else
            {
                Finish(row, JobState.Skipped, null, default, now);
            }
        }
        else if (row.State.IsFinal())
        {
            _ledger.Heard(step.Workflow.Id, row.Job.Step!.Next, StepLedger.EndOf(row.State, step.Tally), step.Branch, before, step.Tally);
        }
    }

    private void Release(JobRow row, DateTimeOffset now, Followed followed)
    {
        if (row.Job.Step!.DueAfter(now) is { } due)
        {
            row.DueAt = due;
            Move(row, JobState.Scheduled);
            followed.Due(due);
        }
        else
        {
            Move(row, JobState.Ready);
            followed.Queues.Add(row.Engine.Name);
        }
    }

    private void FollowGate(WorkflowRow workflow, GateRow gate, StepTally change)
    {
        var before = gate.Tally;
        gate.Tally += change;
        if (before.Pending == 0 && gate.Tally.Pending > 0)
        {
            _ledger.Reopened(workflow.Id, gate.Next, before.End);
        }
        else if (before.Pending > 0 && gate.Tally.Pending == 0)
        {
            _ledger.Ended(workflow.Id, gate.Next, gate.Tally.End);
        }
    }

    private void FollowEnd(WorkflowRow workflow, StepTally change, DateTimeOffset now)
    {
        workflow.Tally += change;
        if (workflow.Tally.Pending == 0)
        {
            Finish(workflow, now);
        }
        else if (workflow.State != WorkflowState.Running)
        {
            Reopen(workflow);
        }
    }

    private void Finish(WorkflowRow workflow, DateTimeOffset now)
    {
        if (workflow.State != WorkflowState.Running)
        {
            return;
        }

        workflow.State = workflow.Steps.Exists(static s => s.State == JobState.Failed) ? WorkflowState.Failed
            : workflow.Steps.Exists(static s => s.State == JobState.Cancelled) ? WorkflowState.Cancelled
            : WorkflowState.Succeeded;
        workflow.Version++;
        workflow.FinishedAt = now;
        workflow.KeepUntil = StoreRules.KeepUntil(now, workflow.KeepFor);
        _ended.Enqueue(workflow, workflow.KeepUntil);
        _endedInOrder.AddLast(workflow);
        _endedSteps += workflow.Steps.Count;

        // The newest stays, however large: somebody may be waiting for it.
        while (_endedSteps > historyLimit && _endedInOrder.First!.Value != workflow)
        {
            Forget(_endedInOrder.First.Value);
        }

        // As with jobs: what was forgotten is still noted by the end of its retention, with all its steps. Once that is most of the notes,
        // they are written anew.
        if (_ended.Count > 2 * _endedInOrder.Count + 1_000)
        {
            _ended.Clear();
            foreach (var kept in _endedInOrder)
            {
                _ended.Enqueue(kept, kept.KeepUntil);
            }
        }
    }

    private void Reopen(WorkflowRow workflow)
    {
        Unlist(workflow);
        workflow.State = WorkflowState.Running;
        workflow.FinishedAt = null;
        workflow.Version++;
    }

    private void Unlist(WorkflowRow workflow)
    {
        if (workflow.State != WorkflowState.Running && _endedInOrder.Remove(workflow))
        {
            _endedSteps -= workflow.Steps.Count;
        }
    }

    private void Forget(WorkflowRow workflow)
    {
        Unlist(workflow);
        foreach (var row in workflow.Steps)
        {
            Forget(row);
        }

        _ = _workflows.Remove(workflow.Id);
    }

    private sealed class Followed
    {
        public HashSet<string> Queues { get; } = new(StringComparer.Ordinal);

        public List<JobId> Steps { get; } = [];

        public HashSet<WorkflowId> Workflows { get; } = [];

        private DateTimeOffset? NextDue { get; set; }

        public void Due(DateTimeOffset at) => NextDue = NextDue < at ? NextDue : at;

        public ReleaseReport ToReport() => new() { Queues = Queues, Steps = Steps, Workflows = Workflows, NextDue = NextDue };
    }
}
