using Simmer.Storage;

namespace Simmer.StoreTests.Workflows;

public abstract class ExpiringSteps<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_step_that_expired_when_its_turn_came_is_cancelled_and_those_after_it_follow()
    {
        await StoreExpiringAsync();
        await EndAsync("a");
        Pass(TimeSpan.FromMinutes(10));

        var report = await Worker.FlushAsync(claims: [new(Some.Queue, 1)]);

        report.Expired.ShouldBe([await IdOfAsync("b")]);
        report.Claims.ShouldBeEmpty();
        report.Released.Queues.ShouldBe([Some.Queue]);
        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Cancelled, c Skipped, repair Ready");
        (await StepAsync("b")).Job.Reason.ShouldBe(StoreRules.ExpiredReason);
    }

    [Fact]
    public async Task Pruning_cancels_it_as_well_and_says_what_followed()
    {
        await StoreExpiringAsync();
        await EndAsync("a");
        Pass(TimeSpan.FromMinutes(10));

        var report = await PruneAsync();

        report.Expired.ShouldBe([await IdOfAsync("b")]);
        report.Released.Queues.ShouldBe([Some.Queue]);
        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Cancelled, c Skipped, repair Ready");
    }

    [Fact]
    public async Task A_step_that_waits_does_not_expire_before_its_turn()
    {
        await StoreExpiringAsync();
        Pass(TimeSpan.FromMinutes(10));

        (await PruneAsync()).Expired.ShouldBeEmpty();

        (await StatesAsync()).ShouldBe("Running: a Ready, b Waiting, c Waiting, repair Waiting");
    }

    private Task StoreExpiringAsync()
    {
        var flow = new Workflow();
        var b = flow.Add("b", new Letter(ExpiresAt: Now.AddMinutes(10))).After(flow.Add("a", new Letter()));
        _ = flow.Add("c", new Letter()).After(b);
        _ = flow.Add("repair", new Letter()).After(b).On(StepRule.AnyFailed);
        return StoreAsync(flow);
    }
}
