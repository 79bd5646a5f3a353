namespace Simmer.StoreTests.Workflows;

public abstract class PruningWorkflows<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task Steps_stay_as_long_as_their_workflow_runs()
    {
        await StoreAsync("a", "b after a");
        await EndAsync("a");
        Pass(TimeSpan.FromDays(1_000));

        (await PruneAsync()).Deleted.ShouldBe(0);

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Ready");
    }

    [Theory]
    [InlineData(JobState.Succeeded)]
    [InlineData(JobState.Failed)]
    [InlineData(JobState.Cancelled)]
    public async Task How_long_it_is_kept_after_its_end_depends_on_that(JobState end)
    {
        await StoreAsync("a", "b");
        await EndAsync("b");
        Pass(TimeSpan.FromDays(1));
        await EndAsync("a", end);
        var keep = end == JobState.Succeeded ? SomeFlow.KeepSucceeded : SomeFlow.KeepFailed;
        Pass(keep - TimeSpan.FromSeconds(1));
        (await PruneAsync()).Deleted.ShouldBe(0);
        (await WorkflowAsync()).StepCount.ShouldBe(2);

        Pass(TimeSpan.FromSeconds(1));

        (await PruneAsync()).ShouldSatisfyAllConditions(r => r.Deleted.ShouldBe(2), r => r.More.ShouldBeFalse());
        (await Store.Browser.WorkflowAsync(Flow.Id, counted: true, Token)).ShouldBeNull();
        (await StepsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_large_one_and_small_ones_are_gone_after_enough_rounds()
    {
        await StoreAsync(SomeFlow.Draft(Group.Of(Enumerable.Range(0, 250).Select(_ => new Letter()))));
        var small = Enumerable.Range(0, 5).Select(_ => SomeFlow.Of("a")).ToList();
        _ = await Worker.FlushAsync(workflows: small);
        var claims = await Worker.ClaimAsync(500);
        _ = await Worker.FlushAsync(settlements: [.. claims.Select(c => End(c))]);
        Pass(SomeFlow.KeepSucceeded);

        var (deleted, rounds) = (0, 0);
        for (var more = true; more; rounds++)
        {
            var report = await PruneAsync(2);
            (deleted, more) = (deleted + report.Deleted, report.More);
            rounds.ShouldBeLessThan(1_000);
        }

        (deleted, claims.Count).ShouldBe((255, 255));
        (await Store.Browser.CountAsync(Token)).ShouldBeEmpty();
        foreach (var draft in small.Append(Flow))
        {
            (await Store.Browser.WorkflowAsync(draft.Id, counted: true, Token)).ShouldBeNull();
        }
    }

    [Fact]
    public async Task One_kept_for_ever_stays()
    {
        await StoreAsync(SomeFlow.Draft(SomeFlow.Parse("a"), keepSucceeded: TimeSpan.MaxValue));
        await EndAsync("a");
        Pass(TimeSpan.FromDays(10_000));

        (await PruneAsync()).Deleted.ShouldBe(0);

        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded");
    }
}
