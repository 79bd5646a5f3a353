using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Enqueue;

/// <summary>A call that moves a job from memory into the durable store when the process ends.</summary>
internal sealed class SpilledEnqueue(JobDraft job) : SingleEnqueue(job)
{
    /// <summary>Counts nothing: the metrics counted the job when it was stored in memory.</summary>
    public override void Tell(SimmerMetrics metrics, IReadOnlyList<EnqueueReport> reports, int from)
    {
    }
}
