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
        Enqueues = [.. flush.Enqueues.Select(static e => e with { Job = e.Job.Written(e.Job.Payload, e.Job.DueAt) })],
        Claims = flush.Claims,
        Kinds = flush.Kinds,
        MayTakeSuspect = flush.MayTakeSuspect,
    };
}
