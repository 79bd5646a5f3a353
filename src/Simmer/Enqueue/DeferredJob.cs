using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Enqueue;

internal sealed class DeferredJob(JobDraft draft, JobHandle handle, SimmerMetrics metrics) : Deferred
{
    public override Guid Id => draft.Id.Value;

    public JobDraft Draft => draft;

    /// <summary>What became of it when it was stored last.</summary>
    public EnqueueReport Report
    {
        get;

        // After a commit whose answer was lost it meets itself.
        set => field = value.Status == EnqueueStatus.Duplicate && field == value with { Status = EnqueueStatus.Stored, State = field.State }
            ? field
            : value;
    }

    public override void Settle()
    {
        handle.Stored(Report);
        metrics.Sent(draft, Report);
    }
}
