namespace Simmer.StoreTests.Workflows;

public abstract class RetryingSteps<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task It_runs_again_and_what_was_skipped_because_of_it_waits_again()
    {
        await StoreAsync("a", "b after a", "c after b", "other");
        await EndAsync("other");
        await FailAsync("a");
        (await StatesAsync()).ShouldBe("Failed: a Failed, b Skipped, c Skipped, other Succeeded");

        (await RetryStepAsync("a")).ShouldBe(new RetryResult(RetryStatus.Retried, JobState.Ready));

        (await StatesAsync()).ShouldBe("Running: a Ready, b Waiting, c Waiting, other Succeeded");
        (await WorkflowAsync()).FinishedAt.ShouldBeNull();
        await EndAllAsync("a", "b", "c");
        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded, b Succeeded, c Succeeded, other Succeeded");
        (await WorkflowAsync()).FinishedAt.ShouldBe(Now);
    }

    [Fact]
    public async Task It_is_a_retry_of_the_job_as_well()
    {
        await StoreAsync("a", "b after a");
        await FailAsync("a");

        (await RetryAsync(await IdOfAsync("a"))).ShouldBe(new RetryResult(RetryStatus.Retried, JobState.Ready));

        var again = await ClaimAsync("a");
        (again.Run, again.Attempt).ShouldBe((2, 1));
        (await StatesAsync()).ShouldBe("Running: a Running, b Waiting");
    }

    [Fact]
    public async Task What_ran_after_its_failure_keeps_its_end_and_the_workflow_waits_for_the_retry_all_the_same()
    {
        await StoreAsync("a", "b after a on AllDone", "c after b");
        await FailAsync("a");
        await EndAllAsync("b", "c");
        (await StatesAsync()).ShouldBe("Failed: a Failed, b Succeeded, c Succeeded");

        _ = await RetryStepAsync("a");

        (await StatesAsync()).ShouldBe("Running: a Ready, b Succeeded, c Succeeded");
        await EndAsync("a");
        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded, b Succeeded, c Succeeded");
    }

    [Fact]
    public async Task What_runs_after_its_failure_goes_on_and_the_workflow_waits_for_both()
    {
        await StoreAsync("a", "b after a on AllDone");
        await FailAsync("a");
        var b = await ClaimAsync("b");
        _ = await RetryStepAsync("a");

        _ = await Worker.SettleAsync(End(b));

        (await StatesAsync()).ShouldBe("Running: a Ready, b Succeeded");
        await EndAsync("a");
        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded, b Succeeded");
    }

    [Fact]
    public async Task What_was_cancelled_while_it_waited_is_decided_by_its_rule_when_it_is_retried()
    {
        await StoreAsync("a", "b after a", "c after b");
        var a = await ClaimAsync("a");
        _ = await CancelAsync(await IdOfAsync("b"));
        (await StatesAsync()).ShouldBe("Running: a Running, b Cancelled, c Waiting");
        (await RetryStepAsync("b")).ShouldBe(new RetryResult(RetryStatus.Retried, JobState.Waiting));
        _ = await CancelAsync(await IdOfAsync("b"));
        _ = await Worker.SettleAsync(End(a, JobState.Failed));
        (await StatesAsync()).ShouldBe("Failed: a Failed, b Cancelled, c Skipped");

        (await RetryStepAsync("b")).ShouldBe(new RetryResult(RetryStatus.Retried, JobState.Skipped));

        (await StatesAsync()).ShouldBe("Failed: a Failed, b Skipped, c Skipped");
    }
}
