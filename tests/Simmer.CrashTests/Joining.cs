using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>Many steps that end at the same instant in several processes, and one that waits for all of them.</summary>
public class Joining
{
    private const int Joins = 20;
    private const int Parents = 2_000;
    private const int Processes = 3;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(240);

    [Fact]
    public async Task A_join_of_two_thousand_starts_once_however_many_processes_end_its_parents()
    {
        await using var fleet = new Fleet();
        var workers = await Task
            .WhenAll(Enumerable.Range(0, Processes).Select(_ => fleet.SpawnReadyAsync(static l => l with { Concurrency = 32 })));
        for (var i = 0; i < Joins; i++)
        {
            await fleet.EnqueueAsync(Chain.Of(Group.Of(Enumerable.Range(0, Parents).Select(static _ => (IJob)new Leaf())))
                .Then(new Part("join")));
        }

        await fleet.DrainedAsync(s_limit);
        await Task.WhenAll(workers.Select(static w => w.StopAsync()));

        Audit.Rows(fleet.Effects, "SELECT count(*), count(DISTINCT job) FROM effect WHERE what = 'started'").ShouldBe([$"{Joins} {Joins}"]);

        // A run may have been claimed ahead and given back, and is then claimed anew.
        Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_history WHERE state = 5 AND run - forgiven = 1 AND pending = 0")
            .ShouldBe(Joins * (Parents + 1));
        Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_workflow WHERE state = 2 AND pending = 0").ShouldBe(Joins);
        workers.ShouldAllBe(static w => Ended(w) > Parents);
        await fleet.EndAsync("no kills");
    }

    private static int Ended(WorkerProcess worker) =>
        int.Parse(worker.Lines("leaves ")[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
}
