using Simmer.Storage;

namespace Simmer.SimulationTests.Faults;

/// <summary>Copies a flush as a database would: only what can be written down goes from one process to another.</summary>
internal static class Written
{
    public static Flush Of(Flush flush) => new()
    {
        Worker = flush.Worker,
        Sequence = flush.Sequence,
        IsRepeat = flush.IsRepeat,
        Settlements = [.. flush.Settlements.Select(Of)],
        GiveBacks = flush.GiveBacks,
        Progress = flush.Progress,
        Enqueues = [.. flush.Enqueues.Select(static e => e with { Job = Of(e.Job) })],
        Workflows = [.. flush.Workflows.Select(Of)],
        Claims = flush.Claims,
        Kinds = flush.Kinds,
        Suspects = flush.Suspects,
    };

    private static JobDraft Of(JobDraft job) => job.Written(job.Payload);

    private static WorkflowDraft Of(WorkflowDraft workflow) => new()
    {
        Id = workflow.Id,
        Name = workflow.Name,
        Steps = [.. workflow.Steps.Select(Of)],
        Gates = workflow.Gates,
        Pending = workflow.Pending,
        KeepSucceeded = workflow.KeepSucceeded,
        KeepFailed = workflow.KeepFailed,
    };

    private static Settlement Of(Settlement settlement) => settlement.Added is not { } added ? settlement : new()
    {
        Token = settlement.Token,
        State = settlement.State,
        Delay = settlement.Delay,
        Forgive = settlement.Forgive,
        Result = settlement.Result,
        ResultItem = settlement.ResultItem,
        Error = settlement.Error,
        Reason = settlement.Reason,
        Progress = settlement.Progress,
        Step = settlement.Step,
        Branch = settlement.Branch,
        Added = [.. added.Select(Of)],
        StartedAt = settlement.StartedAt,
        KeepFor = settlement.KeepFor,
        KeepCancelledFor = settlement.KeepCancelledFor,
    };
}
