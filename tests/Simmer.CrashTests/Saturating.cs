using System.Globalization;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>Two processes on one file, of which one does as much as it can.</summary>
[Collection(Alone.Name)]
public class Saturating
{
    [Fact]
    [Trait("Rule", "36")]
    public async Task A_busy_process_does_not_starve_a_light_one()
    {
        await using var fleet = new Fleet();
        await fleet.EnqueueAsync(10, static () => new Count(0));
        await fleet.LeaveAsync();
        var heavy = await fleet.SpawnReadyAsync(static l => l with { Callers = 64, Saturates = true, Queues = ["default", "heavy"] });
        await Task.Delay(1_000, TestContext.Current.CancellationToken);
        var light = await fleet.SpawnReadyAsync(static l => l with { ProbeSeconds = 6, Queues = ["light"] });

        await fleet.UntilAsync("no figures", TimeSpan.FromSeconds(60), () => light.Lines("probe ").Count > 0);
        var commits = Audit.Number(fleet.Jobs, "SELECT max(seq) FROM simmer_flush");
        await light.StopAsync();
        await heavy.StopAsync();
        var last = await fleet.SpawnReadyAsync();
        await fleet.DrainedAsync(TimeSpan.FromSeconds(60));
        await last.StopAsync();
        await fleet.EndAsync("no kills");

        var (waitMedian, waitP99, wayMedian, wayP99, count) = Figures(light.Lines("probe ")[0]);
        Console.WriteLine($"Beside a process with {commits:N0} commits, {count} light ones waited p50 {waitMedian} ms, p99 {waitP99} ms "
            + $"from the acknowledgement to their start; p50 {wayMedian} ms, p99 {wayP99} ms from the call");
        waitP99.ShouldBeLessThan(1_000);
        wayP99.ShouldBeLessThan(1_000);
    }

    private static (double WaitMedian, double WaitP99, double WayMedian, double WayP99, int Count) Figures(string line)
    {
        var part = line.Split(' ');
        return (Number(part[2]), Number(part[3]), Number(part[4]), Number(part[5]), (int)Number(part[1]));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
