using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Enqueue;

/// <summary>A call that stores one job.</summary>
internal class SingleEnqueue(JobDraft job) : EnqueueCall
{
    // Memory has mostly answered before the caller awaits the task, so one is made only for a caller that awaits it earlier.
    private TaskCompletionSource<EnqueueReport>? _waiter;
    private EnqueueReport? _report;

    public ValueTask<EnqueueReport> Answer
    {
        get
        {
            lock (this)
            {
                return _report is { } report && _waiter is null ? new(report) : new(Waiter.Task);
            }
        }
    }

    public Task<EnqueueReport> Task => Answer.AsTask();

    public override int Count => 1;

    public override bool IsTold
    {
        get
        {
            lock (this)
            {
                return _report is not null || _waiter is { Task.IsCompleted: true };
            }
        }
    }

    public override string What => $"job {job.Id} ({job.Kind})";

    public override JobDraft this[int index] => job;

    public override void Leave() => job.Route?.Leave(1);

    private TaskCompletionSource<EnqueueReport> Waiter => _waiter ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Tell(SimmerMetrics metrics, IReadOnlyList<EnqueueReport> reports, int from) => metrics.Sent(job, reports[from]);

    public override void Succeed(IReadOnlyList<EnqueueReport> reports, int from)
    {
        lock (this)
        {
            _report ??= reports[from];
            _ = _waiter?.TrySetResult(_report.Value);
        }
    }

    public override void Fail(Exception error)
    {
        lock (this)
        {
            if (_report is null)
            {
                _ = Waiter.TrySetException(error);
            }
        }
    }
}
