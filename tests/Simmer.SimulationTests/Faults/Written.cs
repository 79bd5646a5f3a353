using Simmer.Storage;

namespace Simmer.SimulationTests.Faults;

/// <summary>A flush as a database would read it: of a job only what can be written down goes from one process to another.</summary>
internal static class Written
{
    public static Flush Of(Flush flush) => new()
    {
        Worker = flush.Worker,
        Sequence = flush.Sequence,
        IsRepeat = flush.IsRepeat,
        Settlements = flush.Settlements,
        GiveBacks = flush.GiveBacks,
        Progress = flush.Progress,
        Enqueues = [.. flush.Enqueues.Select(static e => e with { Job = Of(e.Job) })],
        Claims = flush.Claims,
        Kinds = flush.Kinds,
        MayTakeSuspect = flush.MayTakeSuspect,
    };

    private static JobDraft Of(JobDraft job) => new()
    {
        Id = job.Id,
        IdGiven = job.IdGiven,
        Kind = job.Kind,
        Queue = job.Queue,
        Payload = job.Payload,
        Priority = job.Priority,
        DueAt = job.DueAt,
        ExpiresAt = job.ExpiresAt,
        UniqueKey = job.UniqueKey,
        UniqueWhile = job.UniqueWhile,
        Tags = job.Tags,
        MaxAttempts = job.MaxAttempts,
        TimeLimit = job.TimeLimit,
        TraceParent = job.TraceParent,
        TraceState = job.TraceState,
    };
}
