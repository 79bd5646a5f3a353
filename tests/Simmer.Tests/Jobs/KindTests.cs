using Simmer.Tests.Engine;

namespace Simmer.Tests.Jobs;

public sealed class KindTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_kind_is_the_records_name_in_kebab_case_unless_it_is_named()
    {
        await using var host = await EngineHost
            .StartAsync(static s => s.AddJob<HTMLReport>().AddJob<RenamedSince>().AddJob<Plain>(static o => o.Kind = "chosen"));

        (await KindOf(host, new HTMLReport())).ShouldBe("html-report");
        (await KindOf(host, new RenamedSince())).ShouldBe("old-name");
        (await KindOf(host, new Plain("x"))).ShouldBe("chosen");
    }

    [Fact]
    public async Task A_job_without_a_handler_here_is_enqueued_and_left_for_a_process_that_has_one()
    {
        await using var host = await EngineHost
            .StartAsync(static s => s.AddJob<Plain>().AddJob((Priced _, CancellationToken _) => Task.FromResult(new Price(1))));

        var waiting = await host.Jobs.EnqueueAsync(new Plain("x"), cancellationToken: Cancelled);
        await (await host.Jobs.EnqueueAsync(new Priced(1), cancellationToken: Cancelled)).WaitAsync(Cancelled);

        (await waiting.GetAsync(Cancelled))!.State.ShouldBe(JobState.Ready);
    }

    private static async Task<string> KindOf(EngineHost host, IJob job) =>
        (await (await host.Jobs.EnqueueAsync(job, new EnqueueOptions { Delay = TimeSpan.FromHours(1) }, Cancelled))
            .GetAsync(Cancelled))!.Kind;
}
