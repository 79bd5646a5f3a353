using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Stores workflows.</summary>
internal static class WorkflowStore
{
    private static readonly Sql s_insert = new("""
        INSERT INTO simmer_workflow(id, name, state, steps, pending, created_at, finished_at, keep_until, keep_succeeded, keep_failed)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """);

    /// <summary>Stores the workflows of a flush.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="flush">The flush.</param>
    /// <param name="starts">The steps that were held back until now. They are written together with those steps of the new workflows that
    /// wait for nothing; null: none is started.</param>
    /// <param name="now">The present time.</param>
    /// <param name="careful">Whether each workflow is stored behind a savepoint of its own.</param>
    public static WorkflowReport[] Store(SqliteSession session, Flush flush, StepStarts? starts, DateTimeOffset now, bool careful)
    {
        var reports = Admit(session, flush.Workflows, starts, now, out var entries);
        if (starts is not null)
        {
            HeldBackSteps.Write(session, starts, flush, now);
        }

        for (var i = 0; i < reports.Length; i++)
        {
            if (reports[i].Status == EnqueueStatus.Stored && careful)
            {
                reports[i] = StoreCarefully(session, flush.Workflows[i], now);
            }
            else if (reports[i].Status == EnqueueStatus.Stored)
            {
                Insert(session, flush.Workflows[i], now, entries, flush.Worker.Value);
            }
        }

        return reports;
    }

    /// <summary>Stores one workflow.</summary>
    public static WorkflowReport Store(SqliteSession session, WorkflowDraft workflow, DateTimeOffset now)
    {
        var report = Admit(session, [workflow], 0);
        if (report.Status == EnqueueStatus.Stored)
        {
            Insert(session, workflow, now);
            WorkflowFollow.Follow(session, now);
        }

        return report;
    }

    /// <summary>Stores a workflow of a flush that is repeated: what kept it out may be gone.</summary>
    public static WorkflowReport StoreLate(SqliteSession session, WorkflowDraft workflow, DateTimeOffset now) =>
        Admit(session, [workflow], 0) is { Status: not EnqueueStatus.Stored } report ? report : StoreCarefully(session, workflow, now);

    /// <summary>Whether a new workflow has a step that is skipped as soon as it is stored: what follows it may be ready before others that
    /// could start at once.</summary>
    public static bool SkipsAtOnce(IReadOnlyList<WorkflowDraft> workflows)
    {
        foreach (var workflow in workflows)
        {
            foreach (var job in workflow.Steps)
            {
                if (FollowDecision.ForNew(job.Step!) == StepMove.Skipped)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>What becomes of the workflows that are not stored: they are there already, or cannot be. It must be known before anything
    /// of this flush is started.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="workflows">The workflows.</param>
    /// <param name="starts">Takes the steps of the others that wait for nothing.</param>
    /// <param name="now">The present time.</param>
    /// <param name="entries">Those steps by their jobs.</param>
    private static WorkflowReport[] Admit(SqliteSession session, IReadOnlyList<WorkflowDraft> workflows, StepStarts? starts,
        DateTimeOffset now, out Dictionary<JobId, StepStart>? entries)
    {
        entries = null;
        if (workflows.Count == 0)
        {
            return [];
        }

        var reports = new WorkflowReport[workflows.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            reports[i] = Admit(session, workflows, i);
            if (starts is not null && reports[i].Status == EnqueueStatus.Stored)
            {
                AddEntries(workflows[i], starts, now, ref entries);
            }
        }

        return reports;
    }

    private static void AddEntries(WorkflowDraft workflow, StepStarts starts, DateTimeOffset now,
        ref Dictionary<JobId, StepStart>? entries)
    {
        foreach (var job in workflow.Steps)
        {
            if (job.Step!.Pending == 0 && job.Step.DueAfter(now) is null)
            {
                var start = new StepStart(job.Id, job.Kind, job.Priority, null, job.ExpiresFrom(now));
                starts[job.Queue].Add(start);
                (entries ??= []).Add(job.Id, start);
            }
        }
    }

    private static WorkflowReport Admit(SqliteSession session, IReadOnlyList<WorkflowDraft> workflows, int index)
    {
        var workflow = workflows[index];
        var present = workflow.IdGiven ? PresentState(session, workflows, index) : null;
        var taken = workflow.IdGiven && present is null && StoreRules.WhyRefused(workflow) is null
            ? StepAdding.TakenAmong(session, workflow.Id, 1, workflow.Steps.Count)
            : null;
        return RepeatAnswer.ToWorkflow(workflow, present, taken);
    }

    /// <summary>The state of the workflow that has this id already, earlier in this flush or in the database; null: there is
    /// none.</summary>
    private static WorkflowState? PresentState(SqliteSession session, IReadOnlyList<WorkflowDraft> workflows, int index)
    {
        var workflow = workflows[index];
        for (var i = 0; i < index; i++)
        {
            if (workflows[i].Id == workflow.Id)
            {
                return FollowDecision.StateOfNew(workflow);
            }
        }

        return WorkflowLookup.StateOf(session, workflow.Id);
    }

    /// <summary>Stores a workflow behind a savepoint: the way for a flush in which the database refused a row that it should have
    /// taken.</summary>
    private static WorkflowReport StoreCarefully(SqliteSession session, WorkflowDraft workflow, DateTimeOffset now)
    {
        var refused = session.Try(workflow.Id, () =>
        {
            Insert(session, workflow, now);
            WorkflowFollow.Follow(session, now);
        });
        return refused is null
            ? new WorkflowReport(EnqueueStatus.Stored, workflow.Id, FollowDecision.StateOfNew(workflow))
            : RepeatAnswer.Refused(workflow, StoreFaults.Refusal(refused, $"workflow {workflow.Id}"));
    }

    private static void Insert(SqliteSession session, WorkflowDraft workflow, DateTimeOffset now,
        Dictionary<JobId, StepStart>? entries = null, long worker = 0)
    {
        var at = DbTime.Of(now);
        var state = FollowDecision.StateOfNew(workflow);
        _ = session[s_insert]
            .Bind(1, workflow.Id)
            .Bind(2, workflow.Name)
            .Bind(3, (long)state)
            .Bind(4, (long)workflow.Steps.Count)
            .Bind(5, (long)workflow.Pending)
            .Bind(6, at)
            .Bind(7, state == WorkflowState.Running ? null : at)
            .Bind(8, state == WorkflowState.Running ? null : DbTime.Of(StoreRules.KeepUntil(now, workflow.KeepSucceeded)))
            .Bind(9, workflow.KeepSucceeded.Ticks)
            .Bind(10, workflow.KeepFailed.Ticks)
            .Run();
        foreach (var gate in workflow.Gates)
        {
            WorkflowGates.Insert(session, workflow.Id, gate);
        }

        foreach (var job in workflow.Steps)
        {
            if (entries is not null && job.Step!.Pending == 0 && entries.TryGetValue(job.Id, out var start) && start.IsStarted)
            {
                StepInsert.Insert(session, job, now, worker);
                start.Claim = new JobClaim(job, 1, 0, now);
            }
            else
            {
                StepInsert.Insert(session, job, now);
            }
        }
    }
}
