using Simmer.FleetTests.Hosts;
using Simmer.Servers;

namespace Simmer.FleetTests.Answers;

/// <summary>The network breaks between the server's commit and its answer, again and again.</summary>
[Trait("Rule", "3")]
[Trait("Rule", "5")]
public sealed class Losing : HostTest
{
    private const int Times = 8;
    private const int AnswerLost = 1022;
    private const int Adopted = 1023;

    [Fact]
    public async Task Nothing_is_done_twice_and_nothing_that_was_claimed_is_forgotten()
    {
        await using var proxy = TcpProxy.Before(Database);
        await using var host = await StartAsync(connectionString: proxy.Through(Database));
        var server = await ConnectAsync();
        await DoAsync(host, 1, "first");

        for (var i = 0; i < Times; i++)
        {
            await host.Node.Durable!.Flusher.WhenIdle();
            var last = await AskAsync<long>(server, "SELECT max(seq) FROM simmer.flush");
            proxy.Stall(Ways.ToClient);
            var enqueues = Enumerable.Range(0, 5)
                .Select(j => host.Jobs.EnqueueAsync(new Note($"{i} {j}"), j == 1 ? new EnqueueOptions { UniqueKey = $"key {i}" } : null,
                Token)).ToList();
            await BecomesAsync(server, $"(SELECT max(seq) > {last} FROM simmer.flush)");
            proxy.Cut();
            proxy.Heal();

            var handles = await Task.WhenAll(enqueues);
            handles.ShouldAllBe(static h => !h.IsDuplicate);
            await Task.WhenAll(handles.Select(static h => h.WaitAsync(Token)));
        }

        Notes.Count.ShouldBe(1 + (5 * Times));
        Notes.Distinct().Count().ShouldBe(1 + (5 * Times));
        (await AskAsync<long>(server, "SELECT count(*) FROM simmer.history WHERE state = 5 AND run = 1")).ShouldBe(1 + (5 * Times));
        (await AskAsync<long>(server, "SELECT count(*) FROM simmer.job")).ShouldBe(0);
        host.Log.Lines.Count(static l => l.EventId == AnswerLost).ShouldBeGreaterThanOrEqualTo(Times);
        host.Log.Lines.ShouldContain(static l => l.EventId == Adopted);
    }
}
