namespace Simmer.StoreTests.Workflows;

public abstract class Undoing<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task What_succeeded_is_undone_last_first_and_nothing_else()
    {
        await StoreAsync("a undone", "b after a undone", "c after b undone", "d after c undone");
        await EndAllAsync("a", "b");

        await FailAsync("c");

        (await StatesAsync())
            .ShouldBe(
            "Running: a Succeeded, b Succeeded, c Failed, d Skipped, d/undo Skipped, c/undo Skipped, b/undo Ready, a/undo Waiting");
        await EndAsync("b/undo");
        (await StepAsync("a/undo")).Job.State.ShouldBe(JobState.Ready);
        (await StepAsync("a/undo")).Step.ShouldSatisfyAllConditions(s => s.Role.ShouldBe(StepRole.Undo), s => s.Parents.ShouldBe([1]));
        await EndAsync("a/undo");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Failed);
    }

    [Fact]
    public async Task Nothing_is_undone_when_nothing_failed()
    {
        await StoreAsync("a undone", "b after a=never undone", "repair after a on AnyFailed", "on-failure", "finally");

        await EndAsync("a", branch: "other");

        (await StatesAsync())
            .ShouldBe("Running: a Succeeded, b Skipped, repair Skipped, b/undo Skipped, a/undo Skipped, on-failure Skipped, finally Ready");
        await EndAsync("finally");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task It_waits_until_all_ordinary_steps_are_final()
    {
        await StoreAsync("a undone", "b after a", "other");
        await EndAsync("a");
        await FailAsync("b");
        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Failed, other Running, a/undo Waiting");

        await EndAsync("other");

        (await StepAsync("a/undo")).Job.State.ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task The_step_for_a_failure_comes_after_it_and_the_step_for_the_end_comes_last()
    {
        await StoreAsync("a undone", "b after a", "on-failure", "finally");
        await EndAsync("a");
        await FailAsync("b");
        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Failed, a/undo Ready, on-failure Waiting, finally Waiting");

        await EndAsync("a/undo");
        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Failed, a/undo Succeeded, on-failure Ready, finally Waiting");
        await EndAsync("on-failure");
        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Failed, a/undo Succeeded, on-failure Succeeded, finally Ready");
        await EndAsync("finally");

        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Failed);
    }

    [Fact]
    public async Task One_that_fails_does_not_stop_the_next()
    {
        await StoreAsync("a undone", "b after a undone", "c after b", "on-failure", "finally");
        await EndAllAsync("a", "b");
        await FailAsync("c");

        await FailAsync("b/undo");
        await FailAsync("a/undo");
        await FailAsync("on-failure");
        await FailAsync("finally");

        (await StatesAsync())
            .ShouldBe("Failed: a Succeeded, b Succeeded, c Failed, b/undo Failed, a/undo Failed, on-failure Failed, finally Failed");
    }

    [Fact]
    public async Task Members_of_a_group_that_succeeded_are_undone_when_another_fails()
    {
        await StoreAsync(Chain.Of(Group.Of().And("m1", new Letter(), new Letter()).And("m2", new Letter(), new Letter())
            .And("m3", new Letter(), new Letter())).Then("z", new Letter()));
        await EndAsync("m3");
        await FailAsync("m2");
        await EndAsync("m1");

        (await StatesAsync())
            .ShouldBe("Running: m1 Succeeded, m2 Failed, m3 Succeeded, z Skipped, m3/undo Ready, m2/undo Waiting, m1/undo Waiting");
        await EndAsync("m3/undo");
        (await StatesAsync())
            .ShouldBe("Running: m1 Succeeded, m2 Failed, m3 Succeeded, z Skipped, m3/undo Succeeded, m2/undo Skipped, m1/undo Ready");
    }

    [Fact]
    public async Task A_failure_in_an_early_step_is_seen_through_those_that_were_skipped_for_it()
    {
        await StoreAsync("other undone", "a", "b after a", "c after b on NoneFailed", "d after c");
        await EndAsync("other");

        await FailAsync("a");

        (await StatesAsync()).ShouldBe("Running: other Succeeded, a Failed, b Skipped, c Skipped, d Skipped, other/undo Ready");
    }

    [Fact]
    public async Task A_failure_that_was_repaired_is_a_failure_all_the_same()
    {
        await StoreAsync("other undone", "a", "repair after a on AnyFailed");
        await EndAsync("other");
        await FailAsync("a");

        await EndAsync("repair");

        (await StepAsync("other/undo")).Job.State.ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task The_results_of_what_is_undone_are_there()
    {
        await StoreAsync("a undone", "b after a");
        await EndAsync("a");
        await FailAsync("b");

        _ = await ClaimAsync("a/undo");

        (await StepsAsync(1)).ShouldHaveSingleItem().Job.Result.ShouldNotBeNull().ToArray().ShouldBe("1"u8.ToArray());
    }

    [Fact]
    public async Task Parts_of_a_workflow_have_their_own_steps_for_failure_and_end()
    {
        var inner = Chain.Of("i1", new Letter()).Then("i2", new Letter()).OnFailure("inner-failure", new Letter())
            .Finally("inner-end", new Letter());
        await StoreAsync(Chain.Of("a", new Letter()).Then(inner).Then("z", new Letter())
            .OnFailure("outer-failure", new Letter()).Finally("outer-end", new Letter()));
        await EndAllAsync("a", "i1", "i2");

        await FailAsync("z");

        (await StatesAsync()).ShouldBe(
            "Running: a Succeeded, i1 Succeeded, i2 Succeeded, z Failed, inner-failure Skipped, outer-failure Ready, inner-end Waiting, "
                + "outer-end Waiting");
    }
}
