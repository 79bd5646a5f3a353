using Microsoft.Extensions.DependencyInjection;
using Simmer.FleetTests.Hosts;

namespace Simmer.FleetTests.Leases;

/// <summary>The wall clocks of processes are hours apart; the leases go by the server's clock.</summary>
[Trait("Rule", "8")]
public sealed class Clocks : HostTest
{
    private const int Skewed = 3005;
    private static readonly int[] s_lost = [1014, 1024, 1025, 1027];

    [Fact]
    public async Task Clocks_that_are_hours_off_harm_nobodys_lease_and_are_told_of()
    {
        var goOn = new Signal();
        await using var ahead = await StartAtAsync(TimeSpan.FromHours(5), goOn);
        await using var behind = await StartAtAsync(TimeSpan.FromHours(-5), goOn);
        await using var right = await StartAtAsync(TimeSpan.Zero, goOn);
        EngineHost[] hosts = [ahead, behind, right];

        // One job for each process, which has a free slot for it.
        var handles = await Task.WhenAll(hosts.Select(static (h, i) => h.Jobs.EnqueueAsync(new Pay(i), cancellationToken: Token)));
        await BecomesAsync(await ConnectAsync(), "(SELECT count(*) = 3 FROM simmer.job WHERE state = 4)");

        // Longer than the lease; beats are a third of it.
        await BecomesAsync(await ConnectAsync(), "(SELECT min(beats) >= 5 AND count(*) = 3 FROM simmer.worker)");
        goOn.Set();

        await Task.WhenAll(handles.Select(static h => h.WaitAsync(Token)));
        foreach (var handle in handles)
        {
            (await handle.GetAsync(Token))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded),
                static j => j.Run.ShouldBe(1));
        }

        hosts.SelectMany(static h => h.Log.Lines).ShouldNotContain(static l => s_lost.Contains(l.EventId));
        ahead.Log.Lines.Single(static l => l.EventId == Skewed).Text.ShouldContain("ahead of this process's by -0");
        behind.Log.Lines.Single(static l => l.EventId == Skewed).Text.ShouldContain("ahead of this process's by 0");
        right.Log.Lines.ShouldNotContain(static l => l.EventId == Skewed);
    }

    private Task<EngineHost> StartAtAsync(TimeSpan by, Signal goOn) => StartAsync(
        s => s.Configure(static o => o.Lease = TimeSpan.FromSeconds(6))
            .AddJob(async (Pay _, CancellationToken token) => await goOn.WaitAsync(token)),
        host: b => b.Services.AddSingleton<TimeProvider>(by == TimeSpan.Zero ? TimeProvider.System : new ShiftedTime(by)));
}
