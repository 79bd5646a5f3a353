using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>What follows in workflows from steps that ended, or that run again.</summary>
internal sealed class FollowUp(MemoryTables tables, JobEnds jobEnds, WorkflowEnds workflowEnds)
{
    private StepLedger Ledger => tables.Ledger;

    /// <summary>Tells the children of what has ended: they are released or skipped, and so are their own.</summary>
    public ReleaseReport Run(DateTimeOffset now)
    {
        if (Ledger.IsEmpty)
        {
            return ReleaseReport.Nothing;
        }

        var followed = new Followed();
        while (Ledger.TryTake(out var id, out var number, out var change))
        {
            if (!tables.Workflows.TryGetValue(id, out var workflow))
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

    /// <summary>Called when everything that follows from a retry has been reported. The step runs now, whatever its delay, or is skipped,
    /// unless it waits for others that run again.</summary>
    public void Rerun(JobRow row, DateTimeOffset now)
    {
        switch (RetryDecision.AfterFollowing(row.State, row.Step!.Tally, row.Job.Step!))
        {
            case StepMove.Released:
                tables.Move(row, JobState.Ready);
                break;
            case StepMove.Skipped:
                jobEnds.End(row, JobState.Skipped, null, default, now);
                break;
        }
    }

    /// <summary>Makes an ended step wait again. What it has reported to its children, if it has, is taken back.</summary>
    public void Reopen(JobRow row)
    {
        var step = row.Step!;
        if (FollowDecision.Tells(step.Tally.Pending))
        {
            Ledger.Reopened(step.Workflow.Id, row.Job.Step!.Next, StepLedger.EndOf(row.State, step.Tally));
        }

        Wait(row);
    }

    private void Wait(JobRow row)
    {
        row.Refresh(tables.NextSequence());
        tables.Move(row, JobState.Waiting);
    }

    private void FollowStep(JobRow row, StepTally change, DateTimeOffset now, Followed followed)
    {
        var (step, draft) = (row.Step!, row.Job.Step!);
        var before = step.Tally;
        step.Tally += change;
        var move = row.State.IsFinal()
            ? FollowDecision.ForEnded(row.State, step.Tally)
            : FollowDecision.ForWaiting(row.State, step.Tally, draft);
        switch (move)
        {
            case StepMove.Released:
                Release(row, now, followed);
                break;
            case StepMove.Skipped:
                jobEnds.End(row, JobState.Skipped, null, default, now);
                break;
            case StepMove.Reopened:
                Ledger.Reopened(step.Workflow.Id, draft.Next, before.SkippedEnd);
                Wait(row);
                break;
            case StepMove.Heard:
                Ledger.Heard(step.Workflow.Id, draft.Next, StepLedger.EndOf(row.State, step.Tally), step.Branch, before, step.Tally);
                return;
            default:
                return;
        }

        followed.Steps.Add(row.Id);
    }

    private void Release(JobRow row, DateTimeOffset now, Followed followed)
    {
        var due = row.Job.Step!.DueAfter(now);
        if (due is { } at)
        {
            row.DueAt = at;
            followed.Due(at);
        }
        else
        {
            followed.Queues.Add(row.Queue.Name);
        }

        tables.Move(row, FollowDecision.Released(due));
    }

    private void FollowGate(WorkflowRow workflow, GateRow gate, StepTally change)
    {
        var before = gate.Tally;
        gate.Tally += change;
        switch (FollowDecision.ForGate(before, gate.Tally))
        {
            case FollowTurn.Ended:
                Ledger.Ended(workflow.Id, gate.Next, gate.Tally.End);
                break;
            case FollowTurn.Reopened:
                Ledger.Reopened(workflow.Id, gate.Next, before.End);
                break;
        }
    }

    private void FollowEnd(WorkflowRow workflow, StepTally change, DateTimeOffset now)
    {
        workflow.Tally += change;
        switch (FollowDecision.ForEnd(workflow.State == WorkflowState.Running, workflow.Tally))
        {
            case FollowTurn.Ended:
                workflowEnds.End(workflow, now);
                break;
            case FollowTurn.Reopened:
                workflowEnds.Reopen(workflow);
                break;
        }
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
