using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>The jobs of a killed worker on another one with as many slots.</summary>
[Trait("Rule", "10")]
public class Suspects
{
    private const int Slots = 16;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Half_of_the_jobs_of_a_killed_worker_run_at_once_on_another_and_the_rest_as_soon_as_they_end()
    {
        await using var fleet = new Fleet();
        _ = await fleet.EnqueueAsync(Slots, static () => new Bad(BadHow.UntilTold), new EnqueueOptions { Queue = "default" });
        var killed = await fleet.SpawnReadyAsync(With);
        await fleet.UntilAsync("they do not start", s_limit, () => Started(fleet, 1) == Slots);
        var other = await fleet.SpawnReadyAsync(With);
        await killed.KillAsync();

        // Each may have half as many others beside it as there are slots, and nothing ends.
        await fleet.UntilAsync("half of them do not run", s_limit, () => Started(fleet, 2) == (Slots / 2) + 1);
        await File.WriteAllTextAsync(Path.Combine(fleet.Folder, BadHandler.Go), "", TestContext.Current.CancellationToken);
        await fleet.DrainedAsync(s_limit);
        await other.StopAsync();

        Started(fleet, 2).ShouldBe(Slots);
        Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_history WHERE state = 5 AND run = 2 AND run - forgiven = 1")
            .ShouldBe(Slots, "none has lost an attempt");
        await fleet.EndAsync("one kill");
    }

    private static WorkerLife With(WorkerLife life) => life with { Concurrency = Slots, Queues = ["default"] };

    private static long Started(Fleet fleet, int run) =>
        Audit.Number(fleet.Effects, $"SELECT count(*) FROM effect WHERE what = 'started' AND run = {run}");
}
