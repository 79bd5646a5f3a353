namespace Simmer.Load.Running;

/// <summary>A step that adds others at run time.</summary>
/// <param name="Count">How many.</param>
/// <param name="Each">What each of them is.</param>
public sealed record Fan(int Count, Tick Each) : IJob;

internal sealed class FanHandler(TickCounter counter) : IJobHandler<Fan>
{
    public Task HandleAsync(Fan job, JobContext context, CancellationToken cancellationToken)
    {
        for (var i = 0; i < job.Count; i++)
        {
            _ = context.AddStep(job.Each);
        }

        counter.Ran();
        return Task.CompletedTask;
    }
}
