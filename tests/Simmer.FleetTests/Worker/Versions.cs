using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Worker;

/// <summary>The differences between the versions of the application.</summary>
internal static class Versions
{
    private static readonly EnqueueOptions s_late = new() { Queue = Late };

    /// <summary>The name that makes version 1 pass the job on, as a record of its own, to a worker of the queue
    /// <see cref="Late"/>.</summary>
    public const string PassItOn = "pass it on";

    /// <summary>A queue.</summary>
    public const string Late = "late";

    /// <summary>Adds the kinds as a version knows them. Each says what it has read.</summary>
    public static SimmerBuilder AddJobsOfVersion(this SimmerBuilder simmer, int version) => version == 1
        ? simmer
            .AddJob(static (Greet job, Effects effects, JobContext context, IJobClient jobs, CancellationToken _) =>
                SayAsync(effects, context, $"version 1 greets {job.Name}",
                    job.Name == PassItOn ? () => jobs.EnqueueAsync(new Greet("a friend of version 1"), s_late) : null))
            .AddJob(static (Meet job, Effects effects, JobContext context, IJobClient jobs, CancellationToken _) =>
                SayAsync(effects, context, $"version 1 meets {job.Who}",
                    job.Who == PassItOn ? () => jobs.EnqueueAsync(new Meet("a friend of version 1"), s_late) : null))
        : simmer
            .AddJob(static (GreetByFullName job, Effects effects, JobContext context, CancellationToken _) =>
                SayAsync(effects, context, $"version 2 greets {job.FullName}"))
            .AddJob(static (MeetByFullName job, Effects effects, JobContext context, CancellationToken _) =>
                SayAsync(effects, context, $"version 2 meets {job.FullName}"))
            .AddUpcaster(static (Meet old) => new MeetByFullName(old.Who))
            .AddJob(static (Gift job, Effects effects, JobContext context, CancellationToken _) =>
                SayAsync(effects, context, $"version 2 gives {job.What}"));

    private static async Task SayAsync(Effects effects, JobContext context, string what, Func<Task>? also = null)
    {
        var effect = effects.Started(context);
        Console.WriteLine(what);
        await (also?.Invoke() ?? Task.CompletedTask);
        effect.Done();
    }
}
