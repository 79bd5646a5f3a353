namespace Simmer.CrashTests.Worker;

/// <summary>Writes down what steps did, and what they were given.</summary>
internal sealed class FlowHandler(Effects effects)
{
    public async Task<Receipt> RunAsync(Part job, JobContext context, CancellationToken cancellationToken)
    {
        var effect = effects.Started(context);
        for (var i = 0; i < job.Adds; i++)
        {
            _ = context.AddStep(new Part("added", i % 3));
        }

        await WorkAsync(job.Milliseconds, effect, cancellationToken);
        return Done(effect, context);
    }

    public Task<Receipt> RunAsync(Follow job, JobContext context, Receipt before, CancellationToken cancellationToken) =>
        Task.FromResult(Took(context, [before]));

    public Task<Receipt> RunAsync(Join job, JobContext context, IReadOnlyList<Receipt> before, CancellationToken cancellationToken) =>
        Task.FromResult(Took(context, before));

    public Task<JobVerdict<Receipt>> RunAsync(Doomed job, JobContext context, CancellationToken cancellationToken)
    {
        effects.Started(context).Threw();
        return Task.FromResult<JobVerdict<Receipt>>(JobVerdict.Fail("as meant"));
    }

    private Receipt Took(JobContext context, IReadOnlyList<Receipt> before)
    {
        var effect = effects.Started(context);
        foreach (var receipt in before)
        {
            effects.Taken(context.Id, receipt);
        }

        return Done(effect, context);
    }

    private static Receipt Done(Effect effect, JobContext context)
    {
        effect.Done();
        return new Receipt(context.Id.Value, effect.Run);
    }

    private static async Task WorkAsync(int milliseconds, Effect effect, CancellationToken cancellationToken)
    {
        if (milliseconds == 0)
        {
            return;
        }

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
