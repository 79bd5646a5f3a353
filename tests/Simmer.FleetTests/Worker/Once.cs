using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Worker;

/// <summary>A job that several processes enqueue under the same id. It records each run, and has one attempt.</summary>
/// <param name="Fails">Whether its first run fails, so that an operator may run it again.</param>
[Job(Kind, MaxAttempts = 1)]
public sealed record Once(bool Fails = false) : IJob
{
    public const string Kind = "once";

    /// <summary>A queue that keeps nothing of what succeeded.</summary>
    public const string Unkept = "unkept";

    /// <summary>A queue that keeps it until the next pruning.</summary>
    public const string Brief = "brief";
}

/// <summary>Tells of each run.</summary>
internal sealed class OnceHandler(Effects effects) : IJobHandler<Once>
{
    public Task HandleAsync(Once job, JobContext context, CancellationToken cancellationToken)
    {
        var effect = effects.Started(context);
        if (job.Fails && effect.Run == 1)
        {
            effect.Threw();
            throw new InvalidOperationException("as meant");
        }

        effect.Done();
        return Task.CompletedTask;
    }
}
