using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Enqueue;

/// <summary>One caller's enqueue on its way to the store: what it stores, and where its answer goes.</summary>
internal abstract class EnqueueCall
{
    private int _bytes = -1;

    /// <summary>How many jobs the call stores.</summary>
    public abstract int Count { get; }

    /// <summary>When the call was made, on the monotonic clock.</summary>
    public long Timestamp { get; set; }

    /// <summary>How often a flush that carried only this call has not reached the store.</summary>
    public int Failures { get; set; }

    /// <summary>About how many bytes the jobs take.</summary>
    public int Bytes => _bytes >= 0 ? _bytes : _bytes = BytesOfJobs();

    public abstract JobDraft this[int index] { get; }

    /// <summary>The workflow whose steps the jobs are; null: they are jobs of their own.</summary>
    public virtual WorkflowDraft? Workflow => null;

    /// <summary>Whether the caller has its answer.</summary>
    public abstract bool IsTold { get; }

    /// <summary>What the call stores, for messages.</summary>
    public abstract string What { get; }

    /// <summary>How the caller repeats the call without storing it twice, for messages.</summary>
    public virtual string HowToRepeat => $"Enqueue it again with the same id (EnqueueOptions.Id = {this[0].Id}): it is stored once.";

    /// <summary>Frees the places that the jobs take in their queue while they are on their way to the store: from now on the store counts
    /// them, or they are not stored.</summary>
    public abstract void Leave();

    /// <summary>Tells the caller the store's answers.</summary>
    /// <param name="reports">The answers to all enqueues of the flush.</param>
    /// <param name="from">Where those to this call begin.</param>
    public abstract void Succeed(IReadOnlyList<EnqueueReport> reports, int from);

    /// <summary>Counts what was stored, in the metrics.</summary>
    public abstract void Tell(SimmerMetrics metrics, IReadOnlyList<EnqueueReport> reports, int from);

    /// <summary>Tells the caller that the call failed.</summary>
    public abstract void Fail(Exception error);

    /// <summary>Tells the caller that the call may have been stored, what it was, and how to repeat it.</summary>
    /// <param name="why">Why it is not known.</param>
    /// <param name="cause">What went wrong with the last attempt.</param>
    public void FailUnknown(string why, Exception cause) => Fail(StoreException.MayBeStored(What, why, HowToRepeat, cause));

    private int BytesOfJobs()
    {
        var bytes = 0L;
        for (var i = 0; i < Count; i++)
        {
            bytes += BatchLimits.BytesOf(this[i]);
        }

        return (int)Math.Min(bytes, int.MaxValue);
    }
}
