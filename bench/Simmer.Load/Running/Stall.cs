namespace Simmer.Load.Running;

/// <summary>A job that never ends in a process that is about to be killed, and elsewhere ends at once.</summary>
public sealed record Stall : IJob;

internal sealed class StallHandler(TickCounter counter) : IJobHandler<Stall>
{
    public Task HandleAsync(Stall job, JobContext context, CancellationToken cancellationToken)
    {
        if (counter.IsDoomed)
        {
            return Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        counter.Ran();
        return Task.CompletedTask;
    }
}
