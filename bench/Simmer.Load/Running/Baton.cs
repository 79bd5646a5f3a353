using System.Diagnostics;

namespace Simmer.Load.Running;

/// <summary>A step of two, of which one hands over to the other.</summary>
/// <param name="Hands">Whether it is the first.</param>
public sealed record Baton(bool Hands) : IJob;

internal sealed class BatonHandler(TickCounter counter) : IJobHandler<Baton>
{
    public Task HandleAsync(Baton job, JobContext context, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        if (!job.Hands)
        {
            counter.Starts.Add(began - counter.HandedOver);
        }

        counter.Ran();
        if (job.Hands)
        {
            counter.HandedOver = Stopwatch.GetTimestamp();
        }

        return Task.CompletedTask;
    }
}
