using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Enqueue;

/// <summary>A call that stores several jobs, all or none.</summary>
internal sealed class ManyEnqueue(IReadOnlyList<JobDraft> jobs) : EnqueueCall
{
    private readonly TaskCompletionSource<IReadOnlyList<EnqueueReport>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IReadOnlyList<EnqueueReport>> Task => _done.Task;

    public override int Count => jobs.Count;

    public override bool IsTold => _done.Task.IsCompleted;

    public override string What =>
        Count == 1 ? $"job {jobs[0].Id} ({jobs[0].Kind})" : $"a call of {Count:N0} jobs, all or none, {jobs[0].Id} ({jobs[0].Kind}) first,";

    public override string HowToRepeat =>
        Count == 1
            ? base.HowToRepeat
            : "To repeat them safely, give each job an id of its own (EnqueueOptions.Id) before the first try, and the same again: each "
                + "is stored once.";

    public override JobDraft this[int index] => jobs[index];

    public override void Leave()
    {
        foreach (var (route, count) in DraftRoutes.Of(jobs))
        {
            route.Leave(count);
        }
    }

    public override void Tell(SimmerMetrics metrics, IReadOnlyList<EnqueueReport> reports, int from) => metrics.Sent(jobs, reports, from);

    public override void Succeed(IReadOnlyList<EnqueueReport> reports, int from)
    {
        // The list of answers is made anew for each flush, so this call's share of it need not be copied.
        _ = _done.TrySetResult(reports is EnqueueReport[] all
            ? new ArraySegment<EnqueueReport>(all, from, jobs.Count)
            : [.. reports.Skip(from).Take(jobs.Count)]);
    }

    public override void Fail(Exception error) => _done.TrySetException(error);
}
