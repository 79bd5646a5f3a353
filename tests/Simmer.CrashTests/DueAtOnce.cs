using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>Many jobs that are due at the same instant.</summary>
public class DueAtOnce
{
    private const int Jobs = 10_000;

    [Fact]
    public async Task Ten_thousand_jobs_due_at_once_run_once_each_and_promptly_over_two_processes()
    {
        await using var fleet = new Fleet();
        var due = DateTimeOffset.UtcNow.AddSeconds(3);
        await fleet.EnqueueAsync(Jobs, static () => new Count(0), new EnqueueOptions { DueAt = due });
        var workers = await Task.WhenAll(fleet.SpawnReadyAsync(), fleet.SpawnReadyAsync());

        await fleet.DrainedAsync(TimeSpan.FromSeconds(90));
        Console.WriteLine($"{Jobs} jobs due at once: the last ended {(DateTimeOffset.UtcNow - due).TotalSeconds:0.0} s later");
        await Task.WhenAll(workers.Select(static w => w.StopAsync()));

        Audit.Number(fleet.Jobs, $"SELECT count(*) FROM simmer_history WHERE started_at < {(due - DateTimeOffset.UnixEpoch).Ticks}")
            .ShouldBe(0, "started too early");
        Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_history WHERE state = 5 AND run = 1").ShouldBe(Jobs);
        await fleet.EndAsync("no kills");
    }
}
