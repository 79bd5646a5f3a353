using System.Diagnostics;

namespace Simmer.Load.Running;

/// <summary>The job that is measured: about 200 bytes of JSON, and nothing to do.</summary>
public sealed record Tick(long Number, string Text) : IJob
{
    public static readonly string Filler = new('x', 170);
}

/// <summary>What the handlers saw. One for the process; it counts and notes the last start.</summary>
internal sealed class TickCounter
{
    private long _count;

    /// <summary>When the job of this number started, if it is the one waited for.</summary>
    public TaskCompletionSource<long>? Started { get; set; }

    public long Count => Volatile.Read(ref _count);

    public void Ran()
    {
        _ = Interlocked.Increment(ref _count);
        Started?.TrySetResult(Stopwatch.GetTimestamp());
    }
}

/// <summary>A handler as applications have it: a class with a constructor, made in a scope of its own.</summary>
internal sealed class TickHandler(TickCounter counter) : IJobHandler<Tick>
{
    public Task HandleAsync(Tick job, JobContext context, CancellationToken cancellationToken)
    {
        counter.Ran();
        return Task.CompletedTask;
    }
}
