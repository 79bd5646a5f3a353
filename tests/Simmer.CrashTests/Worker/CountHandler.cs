namespace Simmer.CrashTests.Worker;

/// <summary>Counts, and takes the time that the job asks for.</summary>
internal sealed class CountHandler(Effects effects) : IJobHandler<Count>, IJobHandler<Brief>, IJobHandler<Fleeting>
{
    public Task HandleAsync(Count job, JobContext context, CancellationToken cancellationToken) =>
        CountAsync(job, context, cancellationToken);

    public Task HandleAsync(Brief job, JobContext context, CancellationToken cancellationToken) =>
        CountAsync(job, context, cancellationToken);

    public Task HandleAsync(Fleeting job, JobContext context, CancellationToken cancellationToken) =>
        CountAsync(job, context, cancellationToken);

    private async Task CountAsync(ICount job, JobContext context, CancellationToken cancellationToken)
    {
        var effect = effects.Started(context);
        if (job.Milliseconds > 0)
        {
            context.Progress.Report(0.5);
            await WorkAsync(job.Milliseconds, effect, cancellationToken);
        }

        if (context.Attempt <= job.Throws)
        {
            effect.Threw();
            throw new InvalidOperationException("as meant");
        }

        effect.Done();
    }

    private static async Task WorkAsync(int milliseconds, Effect effect, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(milliseconds, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            effect.Stopped();
            throw;
        }
    }
}
