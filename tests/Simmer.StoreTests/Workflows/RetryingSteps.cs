using Simmer.Storage;

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

    [Fact]
    public async Task What_waits_for_another_failed_parent_is_skipped_again()
    {
        await StoreAsync("a", "b", "c after a b", "d after c");
        await FailAsync("a");
        await FailAsync("b");
        _ = await RetryStepAsync("a");
        (await StatesAsync()).ShouldBe("Running: a Ready, b Failed, c Waiting, d Waiting");

        await EndAsync("a");

        (await StatesAsync()).ShouldBe("Failed: a Succeeded, b Failed, c Skipped, d Skipped");
    }

    [Fact]
    public async Task What_failed_again_skips_again()
    {
        await StoreAsync("a", "b after a", "c after b on NoneFailed");
        await FailAsync("a");
        _ = await RetryStepAsync("a");

        await FailAsync("a");

        (await StatesAsync()).ShouldBe("Failed: a Failed, b Skipped, c Skipped");
    }

    [Fact]
    public async Task What_a_choice_left_out_stays_left_out()
    {
        await StoreAsync("a", "b after a=never", "c", "d after b c on NoneFailed");
        await EndAsync("a", branch: "other");
        await FailAsync("c");
        (await StatesAsync()).ShouldBe("Failed: a Succeeded, b Skipped, c Failed, d Skipped");

        _ = await RetryStepAsync("c");

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Skipped, c Ready, d Waiting");
        await EndAllAsync("c", "d");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task All_that_failed_or_were_cancelled_can_be_retried_together()
    {
        await StoreAsync("a", "b", "c after a b", "d after c");
        await EndAsync("a", JobState.Cancelled);
        await FailAsync("b");

        (await RetryFlowAsync()).Status.ShouldBe(RetryStatus.Retried);

        (await StatesAsync()).ShouldBe("Running: a Ready, b Ready, c Waiting, d Waiting");
        await EndAllAsync("a", "b", "c", "d");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task A_cancelled_workflow_goes_on_where_it_was()
    {
        await StoreAsync("a", "b after a", "c after b");
        await EndAsync("a");
        _ = await CancelFlowAsync();

        (await RetryFlowAsync()).ShouldBe(new RetryResult(RetryStatus.Retried, JobState.Ready));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Ready, c Waiting");
        (await WorkflowAsync()).ShouldSatisfyAllConditions(w => w.CancelRequested.ShouldBeFalse(), w => w.Reason.ShouldBeNull());
        await EndAsync("b", added: SomeFlow.Added("x"));
        await EndAllAsync("x", "c");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task A_joined_step_waits_for_every_parent_that_runs_again()
    {
        await StoreAsync(Chain.Of(Group.Of().And("m1", new Letter()).And("m2", new Letter()).And("m3", new Letter()))
            .Then(Group.Of().And("k1", new Letter()).And("k2", new Letter()).And("k3", new Letter())));
        await FailAsync("m1");
        await EndAsync("m2");
        await FailAsync("m3");
        _ = await RetryFlowAsync();
        (await StatesAsync()).ShouldBe("Running: m1 Ready, m2 Succeeded, m3 Ready, k1 Waiting, k2 Waiting, k3 Waiting");

        await EndAllAsync("m3", "m1");

        (await StatesAsync()).ShouldBe("Running: m1 Succeeded, m2 Succeeded, m3 Succeeded, k1 Ready, k2 Ready, k3 Ready");
    }

    [Fact]
    public async Task Once_compensation_has_begun_it_is_refused_with_the_name_of_the_undo()
    {
        await StoreAsync("a undone", "b after a undone", "c after b", "on-failure", "finally");
        await EndAllAsync("a", "b");
        await FailAsync("c");

        (await RetryStepAsync("c")).ShouldBe(new RetryResult(RetryStatus.Compensated, JobState.Failed, Compensation: "b/undo"));
        (await RetryFlowAsync()).Status.ShouldBe(RetryStatus.Compensated);
        (await RetryAsync(await IdOfAsync("c"))).Status.ShouldBe(RetryStatus.Compensated);

        (await StatesAsync())
            .ShouldBe("Running: a Succeeded, b Succeeded, c Failed, b/undo Ready, a/undo Waiting, on-failure Waiting, finally Waiting");
    }

    [Fact]
    public async Task Force_runs_it_again_and_leaves_what_was_undone()
    {
        await StoreAsync("a undone", "b after a undone", "c after b", "d after c undone", "on-failure", "finally");
        await EndAllAsync("a", "b");
        await FailAsync("c");
        await EndAllAsync("b/undo", "a/undo", "on-failure", "finally");

        (await RetryStepAsync("c", force: true)).ShouldBe(new RetryResult(RetryStatus.Retried, JobState.Ready));

        (await StatesAsync()).ShouldBe(
            "Running: a Succeeded, b Succeeded, c Ready, d Waiting, d/undo Waiting, b/undo Succeeded, a/undo Succeeded, on-failure "
                + "Succeeded, finally Succeeded");
        await EndAllAsync("c", "d");
        (await StatesAsync()).ShouldBe(
            "Succeeded: a Succeeded, b Succeeded, c Succeeded, d Succeeded, d/undo Skipped, b/undo Succeeded, a/undo Succeeded, "
                + "on-failure Succeeded, finally Succeeded");
    }

    [Fact]
    public async Task Before_compensation_has_begun_nothing_is_undone_after_a_success()
    {
        await StoreAsync("a undone", "b after a", "other", "on-failure", "finally");
        await EndAsync("a");
        await FailAsync("b");
        _ = await RetryStepAsync("b");
        await EndAllAsync("b", "other");

        (await StatesAsync())
            .ShouldBe("Running: a Succeeded, b Succeeded, other Succeeded, a/undo Skipped, on-failure Skipped, finally Ready");
    }

    [Fact]
    public async Task A_failed_undo_can_be_run_again_and_the_steps_after_it_are_not()
    {
        await StoreAsync("a undone", "b after a", "finally");
        await EndAsync("a");
        await FailAsync("b");
        await FailAsync("a/undo");
        await EndAsync("finally");

        (await RetryStepAsync("a/undo")).ShouldBe(new RetryResult(RetryStatus.Retried, JobState.Ready));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Failed, a/undo Ready, finally Succeeded");
        await EndAsync("a/undo");
        (await StatesAsync()).ShouldBe("Failed: a Succeeded, b Failed, a/undo Succeeded, finally Succeeded");
    }

    [Fact]
    public async Task What_did_not_fail_is_not_retried()
    {
        await StoreAsync("a", "b after a=never", "c");
        await EndAsync("a", branch: "other");

        (await RetryStepAsync("a")).ShouldBe(new RetryResult(RetryStatus.NotRetryable, JobState.Succeeded));
        (await RetryStepAsync("b")).ShouldBe(new RetryResult(RetryStatus.NotRetryable, JobState.Skipped));
        (await RetryStepAsync("c")).ShouldBe(new RetryResult(RetryStatus.NotRetryable, JobState.Running));
        (await RetryFlowAsync()).Status.ShouldBe(RetryStatus.NotRetryable);
        (await Store.RetryWorkflowAsync(new WorkflowRetryRequest(SomeFlow.Id(), null, false), Now, Token)).Status
            .ShouldBe(RetryStatus.NotFound);
        (await Store.RetryWorkflowAsync(new WorkflowRetryRequest(Flow.Id, Flow.Id.Step(9), false), Now, Token)).Status
            .ShouldBe(RetryStatus.NotFound);
    }

    [Fact]
    public async Task A_retried_step_does_not_wait_for_its_delay_again()
    {
        var flow = new Workflow();
        _ = flow.Add("b", new Letter(Delay: TimeSpan.FromMinutes(5))).After(flow.Add("a", new Letter()));
        await StoreAsync(flow);
        await EndAsync("a");
        Pass(TimeSpan.FromMinutes(5));
        _ = await PromoteAsync();
        await FailAsync("b");

        (await RetryStepAsync("b")).State.ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task It_is_not_pruned_by_its_earlier_end()
    {
        await StoreAsync("a");
        await FailAsync("a");
        _ = await RetryStepAsync("a");
        Pass(SomeFlow.KeepFailed);
        _ = await PruneAsync();

        (await StatesAsync()).ShouldBe("Running: a Ready");

        await EndAsync("a");
        Pass(SomeFlow.KeepSucceeded - TimeSpan.FromMinutes(1));
        _ = await PruneAsync();
        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded");
        Pass(TimeSpan.FromMinutes(1));
        _ = await PruneAsync();
        (await Store.Browser.WorkflowAsync(Flow.Id, counted: true, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task The_settlement_of_an_earlier_run_is_lost()
    {
        await StoreAsync("a", "b after a");
        var claim = await ClaimAsync("a");
        _ = await Worker.SettleAsync(End(claim, JobState.Failed));
        _ = await RetryStepAsync("a");
        _ = await ClaimAsync("a");

        (await Worker.SettleAsync(End(claim))).ShouldBe(new SettleReport(false, JobState.Running));

        (await StatesAsync()).ShouldBe("Running: a Running, b Waiting");
    }
}
