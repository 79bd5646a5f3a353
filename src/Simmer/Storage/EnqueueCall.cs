using Simmer.Diagnostics;
using Simmer.Enqueue;

namespace Simmer.Storage;

/// <summary>One caller's enqueue on its way through the <see cref="GroupCommit"/>.</summary>
internal abstract class EnqueueCall
{
    private int _bytes = -1;

    public abstract int Count { get; }

    /// <summary>When it was made, on the monotonic clock.</summary>
    public long Timestamp { get; set; }

    /// <summary>How often it was tried alone and did not arrive.</summary>
    public int Failures { get; set; }

    /// <summary>About how many bytes its jobs take.</summary>
    public int Bytes => _bytes >= 0 ? _bytes : _bytes = BytesOfJobs();

    public abstract JobDraft this[int index] { get; }

    /// <summary>The workflow whose steps the jobs are, if it is one.</summary>
    public virtual WorkflowDraft? Workflow => null;

    /// <summary>Whether its caller has an answer.</summary>
    public abstract bool IsTold { get; }

    /// <summary>What it stores, for messages.</summary>
    public abstract string What { get; }

    /// <summary>How its caller repeats it without storing it twice.</summary>
    public virtual string HowToRepeat => $"Enqueue it again with the same id (EnqueueOptions.Id = {this[0].Id}): it is stored once.";

    /// <summary>Its jobs are counted by the store from now on, or not at all: their places on the way there are free.</summary>
    public abstract void Leave();

    public abstract void Succeed(IReadOnlyList<EnqueueReport> reports, int from);

    /// <summary>Counts what was stored.</summary>
    public abstract void Tell(SimmerMetrics metrics, IReadOnlyList<EnqueueReport> reports, int from);

    public abstract void Fail(Exception error);

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

internal class SingleEnqueue(JobDraft job) : EnqueueCall
{
    // Memory has mostly answered before anybody waits: only who comes earlier pays for a task.
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
        foreach (var (route, count) in JobRoute.Of(jobs))
        {
            route.Leave(count);
        }
    }

    public override void Tell(SimmerMetrics metrics, IReadOnlyList<EnqueueReport> reports, int from) => metrics.Sent(jobs, reports, from);

    public override void Succeed(IReadOnlyList<EnqueueReport> reports, int from)
    {
        // A flush's answers are made for it alone: this call's share of them need not be copied.
        _ = _done.TrySetResult(reports is EnqueueReport[] all
            ? new ArraySegment<EnqueueReport>(all, from, jobs.Count)
            : [.. reports.Skip(from).Take(jobs.Count)]);
    }

    public override void Fail(Exception error) => _done.TrySetException(error);
}

internal sealed class WorkflowEnqueue(WorkflowDraft workflow) : EnqueueCall
{
    private readonly TaskCompletionSource<WorkflowReport> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<WorkflowReport> Task => _done.Task;

    public override int Count => workflow.Steps.Count;

    public override bool IsTold => _done.Task.IsCompleted;

    public override string What => $"workflow {workflow.Id}";

    public override string HowToRepeat => $"Enqueue it again with the same id (WorkflowOptions.Id = {workflow.Id}): it is stored once.";

    public override JobDraft this[int index] => workflow.Steps[index];

    public override WorkflowDraft? Workflow => workflow;

    public override void Leave()
    {
        foreach (var (route, count) in JobRoute.Of(workflow.Steps))
        {
            route.Leave(count);
        }
    }

    public override void Tell(SimmerMetrics metrics, IReadOnlyList<EnqueueReport> reports, int from) =>
        throw new InvalidOperationException("A workflow is answered as one.");

    public override void Succeed(IReadOnlyList<EnqueueReport> reports, int from) =>
        throw new InvalidOperationException("A workflow is answered as one.");

    public void Succeed(WorkflowReport report) => _ = _done.TrySetResult(report);

    public override void Fail(Exception error) => _done.TrySetException(error);
}
