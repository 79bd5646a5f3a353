using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>Stores workflows, and the steps that running steps add to them.</summary>
internal sealed class WorkflowStore(MemoryTables tables, WorkflowEnds ends)
{
    public WorkflowReport[] Store(IReadOnlyList<WorkflowDraft> drafts, DateTimeOffset now)
    {
        if (drafts.Count == 0)
        {
            return [];
        }

        var reports = new WorkflowReport[drafts.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            reports[i] = Store(drafts[i], now);
        }

        return reports;
    }

    public WorkflowReport Store(WorkflowDraft draft, DateTimeOffset now)
    {
        WorkflowState? present = tables.Workflows.TryGetValue(draft.Id, out var same) ? same.State : null;
        var report = RepeatAnswer.ToWorkflow(draft, present, present is null ? TakenAmong(draft.Id, 1, draft.Steps.Count) : null);
        if (report.Status == EnqueueStatus.Stored)
        {
            var workflow = new WorkflowRow(draft, now);
            tables.Workflows.Add(draft.Id, workflow);
            AddSteps(workflow, draft.Steps, now);
            if (report.State != WorkflowState.Running)
            {
                ends.End(workflow, now);
            }
        }

        return report;
    }

    /// <summary>Stores the steps that are added by a step which has just succeeded. Called before its end is reported, so that nothing is
    /// released in between.</summary>
    public AddDecision Add(JobRow adder, Settlement settlement, DateTimeOffset now)
    {
        var (step, draft, added) = (adder.Step!, adder.Job.Step!, settlement.Added!);
        var workflow = step.Workflow;
        var decision = AddDecision.For(workflow.Steps.Count, added.Count, workflow.CancelRequested);
        if (decision.Count == 0)
        {
            return decision;
        }

        if (TakenAmong(workflow.Id, decision.First, decision.Count) is var (id, kind))
        {
            return AddDecision.Taken(id, kind);
        }

        (step.FirstAdded, step.Added) = (decision.First, decision.Count);
        var inherited = StepPlacement.Inherited(draft, settlement.Branch);
        tables.Ledger.Added(workflow.Id, inherited, added.Count);
        AddSteps(workflow, StepPlacement.Place(added, draft, decision.First, inherited), now);
        workflow.Version++;
        return decision;
    }

    /// <summary>A job that has the id of one of some steps which are yet to be stored.</summary>
    private (JobId Id, string Kind)? TakenAmong(WorkflowId workflow, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            if (tables.Jobs.TryGetValue(workflow.Step(number), out var taken))
            {
                return (taken.Id, taken.Job.Kind);
            }
        }

        return null;
    }

    /// <summary>All steps are stored as waiting. Those that wait for nothing are released, or skipped, when the ends are
    /// reported.</summary>
    private void AddSteps(WorkflowRow workflow, IReadOnlyList<JobDraft> steps, DateTimeOffset now)
    {
        foreach (var job in steps)
        {
            var row = tables.Add(job, now);
            row.Details.Step = new StepRow(workflow, new StepTally(job.Step!.Pending));
            workflow.Steps.Add(row);
            tables.Move(row, JobState.Waiting);
            if (FollowDecision.ForNew(job.Step) != StepMove.None)
            {
                tables.Ledger.Stored(workflow.Id, job.Step.Number);
            }
        }
    }
}
