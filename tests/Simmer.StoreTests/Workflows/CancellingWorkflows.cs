namespace Simmer.StoreTests.Workflows;

public abstract class CancellingWorkflows<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task What_waits_is_cancelled_at_once()
    {
        await StoreAsync("a", "b after a", "c");

        (await CancelFlowAsync("changed my mind")).ShouldSatisfyAllConditions(r => r.Result.ShouldBe(CancelResult.Cancelled), r => r.Running.ShouldBeEmpty());

        (await StatesAsync()).ShouldBe("Cancelled: a Cancelled, b Cancelled, c Cancelled");
        var record = await WorkflowAsync();
        (record.CancelRequested, record.Reason, record.FinishedAt).ShouldBe((true, "changed my mind", Now));
        (await StepAsync("b")).Job.Reason.ShouldBe("changed my mind");
        (await Worker.ClaimAsync(5)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_runs_is_told_to_stop_and_the_workflow_ends_with_it()
    {
        await StoreAsync("a", "b after a");
        var claim = await ClaimAsync("a");

        var report = await CancelFlowAsync();

        report.Result.ShouldBe(CancelResult.Requested);
        report.Running.ShouldBe([(Worker.Id, claim.Token)]);
        (await StatesAsync()).ShouldBe("Running: a Running, b Cancelled");
        (await BeatAsync(Worker)).Cancels.ShouldBe([claim.Token]);
        (await Worker.SettleAsync(End(claim, JobState.Cancelled))).State.ShouldBe(JobState.Cancelled);
        (await StatesAsync()).ShouldBe("Cancelled: a Cancelled, b Cancelled");
    }
}
