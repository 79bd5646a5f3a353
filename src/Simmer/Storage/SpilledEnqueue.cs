using Simmer.Diagnostics;

namespace Simmer.Storage;

/// <summary>A job from memory, on its way into the durable store at the end of the process.</summary>
internal sealed class SpilledEnqueue(JobDraft job) : SingleEnqueue(job)
{
    /// <summary>It counted when it was stored in memory.</summary>
    public override void Tell(SimmerMetrics metrics, IReadOnlyList<EnqueueReport> reports, int from)
    {
    }
}
