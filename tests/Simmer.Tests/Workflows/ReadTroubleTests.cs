using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>Steps whose store has trouble while the results before them are read.</summary>
public sealed class ReadTroubleTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly ShakyStore _store = new();
    private readonly Play _play = new();

    [Fact]
    public async Task A_store_that_is_away_when_results_are_read_spends_no_attempt()
    {
        await using var host = await StartAsync();
        _store.Reads.BeforeSteps.Enqueue(static () => throw new StoreException("The connection broke.", isTransient: true));

        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(new Pay("1")).Then("ship", new Ship(), options: new EnqueueOptions { MaxAttempts = 1 }),
            cancellationToken: Cancelled);
        await handle.WaitAsync(Cancelled);

        _play.Notes.ShouldBe(["pay 1", "ship R1"]);
        var ship = (await handle.GetStepsAsync(Cancelled))[1].Job;
        (ship.Run, ship.Attempt).ShouldBe((2, 1));
    }

    [Fact]
    public async Task A_step_that_is_cancelled_while_results_are_read_does_not_begin()
    {
        await using var host = await StartAsync();
        var (asked, answer) = (new Signal(), new Signal());
        _store.Reads.BeforeSteps.Enqueue(() =>
        {
            asked.Set();
            return answer.WaitAsync();
        });
        var handle = await host.Jobs.EnqueueAsync(Chain.Of(new Pay("1")).Then("ship", new Ship()), cancellationToken: Cancelled);
        await asked.WaitAsync();

        (await handle.CancelAsync(cancellationToken: Cancelled)).ShouldBe(CancelResult.Requested);
        answer.Set();

        (await host.Jobs.WaitAsync(handle.Id, Cancelled))!.State.ShouldBe(WorkflowState.Cancelled);
        _play.Notes.ShouldBe(["pay 1"]);
    }

    private Task<EngineHost> StartAsync() => EngineHost.StartAsync(s => _play.AddTo(s.UseStore("shaky", _ => _store)));
}
