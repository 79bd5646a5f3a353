namespace Simmer.Storage.InMemory;

/// <summary>Rows as they are shown to others.</summary>
internal static class Snapshots
{
    public static JobRecord Of(JobRow row)
    {
        var (job, detail) = (row.Job, row.Detail);
        return new JobRecord
        {
            Id = job.Id,
            Kind = job.Kind,
            Queue = job.Queue,
            State = row.State,
            Version = row.Version,
            Priority = job.Priority,
            Run = row.Run,
            Attempt = row.Run - row.Forgiven,
            MaxAttempts = job.MaxAttempts,
            TimeLimit = job.TimeLimit,
            EnqueuedAt = row.EnqueuedAt,
            DueAt = row.State == JobState.Scheduled ? row.DueAt : null,
            ExpiresAt = row.ExpiresAt,
            StartedAt = row.Run == 0 ? null : row.StartedAt,
            FinishedAt = detail?.FinishedAt,
            Progress = detail?.Progress,
            ProgressText = detail?.ProgressText,
            Reason = detail?.Reason,
            CancelRequested = row.CancelRequested,
            Stuck = detail?.Stuck ?? false,
            UniqueKey = row.UniqueKey,
            UniqueWhile = job.UniqueWhile,
            Tags = job.Tags,
            Errors = detail?.Errors ?? [],
            Payload = job.Payload,
            Result = detail?.Result,
            ResultItem = detail?.ResultItem,
            Worker = row.Owner?.Info.Name,
            TraceParent = job.TraceParent,
            TraceState = job.TraceState,
            Workflow = job.Step?.Workflow,
            Step = job.Step?.Name,
        };
    }

    public static StepSnapshot OfStep(JobRow row)
    {
        var step = row.Step!;
        return new StepSnapshot(row.Job.Step!, Of(row), step.Branch, step.FirstAdded, step.Added);
    }

    public static WorkflowRecord Of(WorkflowRow workflow, bool counted)
    {
        var summary = new WorkflowSummary();
        foreach (var row in counted ? workflow.Steps : [])
        {
            summary.Add(row.State, row.Job.Step!.Role, row.Version, row.Detail?.Progress);
        }

        return new WorkflowRecord
        {
            Id = workflow.Id,
            Name = workflow.Name,
            State = workflow.State,
            Version = workflow.Version + summary.Version,
            CreatedAt = workflow.CreatedAt,
            FinishedAt = workflow.FinishedAt,
            CancelRequested = workflow.CancelRequested,
            Reason = workflow.Reason,
            StepCount = workflow.Steps.Count,
            Counts = summary.Counts,
            Progress = summary.Progress,
        };
    }
}
