using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Worker;

/// <summary>What the versions of the application do not have in common.</summary>
internal static class Versions
{
    /// <summary>Adds the kinds as a version knows them. Each says what it has read.</summary>
    public static SimmerBuilder AddJobsOfVersion(this SimmerBuilder simmer, int version) => version == 1
        ? simmer.AddJob(static (Greet job, Effects effects, JobContext context, CancellationToken _) => Say(effects, context, $"version 1 greets {job.Name}"))
        : simmer
            .AddJob(static (GreetByFullName job, Effects effects, JobContext context, CancellationToken _) => Say(effects, context, $"version 2 greets {job.FullName}"))
            .AddJob(static (Gift job, Effects effects, JobContext context, CancellationToken _) => Say(effects, context, $"version 2 gives {job.What}"));

    private static Task Say(Effects effects, JobContext context, string what)
    {
        var effect = effects.Started(context);
        Console.WriteLine(what);
        effect.Done();
        return Task.CompletedTask;
    }
}
