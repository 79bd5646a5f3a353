using System.Diagnostics;
using Simmer.Load.Measuring;

namespace Simmer.Load.Running;

/// <summary>The job that is measured.</summary>
/// <param name="At">When it was asked for, by the monotonic clock that all processes of a machine share; 0: its start is not timed.</param>
/// <param name="Work">What its handler does.</param>
/// <param name="Text">Makes it as long as wanted.</param>
public sealed record Tick(long At, Work Work, string Text) : IJob;

/// <summary>Counts the jobs that ran in this process, and times their starts.</summary>
internal sealed class TickCounter
{
    private readonly Lock _gate = new();
    private long _count;
    private long _awaited = long.MaxValue;
    private TaskCompletionSource _reached = new();

    /// <summary>From the call that enqueues, or from the last line of the step before, to the first line of the handler.</summary>
    public Latencies Starts { get; } = new(1 << 17);

    /// <summary>When the last step ended that another one waits for. One at a time: only an idle system is measured so.</summary>
    public long HandedOver { get; set; }

    /// <summary>Whether this process is about to be killed.</summary>
    public bool IsDoomed { get; set; }

    /// <summary>How many have run.</summary>
    public long Count => Volatile.Read(ref _count);

    public void Started(Tick job)
    {
        if (job.At != 0)
        {
            Starts.Add(Stopwatch.GetTimestamp() - job.At);
        }
    }

    public void Ran()
    {
        if (Interlocked.Increment(ref _count) >= Volatile.Read(ref _awaited))
        {
            Reached();
        }
    }

    /// <summary>Waits until this many jobs have run. A signal ends the wait, because .NET's timers may be late by milliseconds.</summary>
    public Task WhenAsync(long count)
    {
        lock (_gate)
        {
            _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited = count;
        }

        if (Volatile.Read(ref _count) >= count)
        {
            Reached();
        }

        return _reached.Task;
    }

    private void Reached()
    {
        lock (_gate)
        {
            _awaited = long.MaxValue;
            _reached.TrySetResult();
        }
    }
}

/// <summary>A handler as in applications: a class with a constructor, made in a DI scope of its own.</summary>
internal sealed class TickHandler(TickCounter counter) : IJobHandler<Tick>
{
    public Task HandleAsync(Tick job, JobContext context, CancellationToken cancellationToken)
    {
        counter.Started(job);
        var work = Works.DoAsync(job.Work);
        return work.IsCompleted ? Done() : WaitAsync(work);
    }

    private Task Done()
    {
        counter.Ran();
        return Task.CompletedTask;
    }

    private async Task WaitAsync(Task work)
    {
        await work;
        counter.Ran();
    }
}
