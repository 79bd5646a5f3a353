using Simmer.Storage;

namespace Simmer.StoreTests.Workflows;

public abstract class Adding<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task Who_waits_for_a_step_waits_for_those_it_added_too()
    {
        await StoreAsync("a", "b after a");

        await EndAsync("a", added: SomeFlow.Added("x", "y"));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Waiting, x Ready, y Ready");
        await EndAsync("x");
        (await StepAsync("b")).Job.State.ShouldBe(JobState.Waiting);
        await EndAsync("y");
        (await StepAsync("b")).Job.State.ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task They_are_numbered_after_the_others_and_known_to_the_step_that_added_them()
    {
        await StoreAsync("a", "b", "c after a b");

        await EndAsync("b", added: SomeFlow.Added("x", "y after x"));
        await EndAsync("a", added: SomeFlow.Added("z"));

        (await StepAsync("b")).ShouldSatisfyAllConditions(s => s.FirstAdded.ShouldBe(4), s => s.Added.ShouldBe(2));
        (await StepAsync("a")).ShouldSatisfyAllConditions(s => s.FirstAdded.ShouldBe(6), s => s.Added.ShouldBe(1));
        (await StepAsync("c")).ShouldSatisfyAllConditions(s => s.FirstAdded.ShouldBe(0), s => s.Added.ShouldBe(0));
        (await StepsAsync()).Select(s => (s.Step.Number, s.Step.Name, s.Job.Id)).ShouldBe(
            [(1, "a", Flow.Id.Step(1)), (2, "b", Flow.Id.Step(2)), (3, "c", Flow.Id.Step(3)), (4, "x", Flow.Id.Step(4)),
                (5, "y", Flow.Id.Step(5)), (6, "z", Flow.Id.Step(6))]);
        (await StepAsync("x")).Step.Parents.ShouldBe([2]);
        (await StepAsync("y")).Step.Parents.ShouldBe([4]);
        (await WorkflowAsync()).StepCount.ShouldBe(6);
    }

    [Fact]
    public async Task They_may_wait_for_one_another()
    {
        await StoreAsync("a", "b after a");

        await EndAsync("a", added: SomeFlow.Added("x", "y after x", "left after x=left", "repair after y on AnyFailed"));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Waiting, x Ready, y Waiting, left Waiting, repair Waiting");
        await EndAsync("x", branch: "right");
        await EndAsync("y");
        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded, b Skipped, x Succeeded, y Succeeded, left Skipped, repair Skipped");
    }

    [Fact]
    public async Task They_can_be_claimed_in_the_same_flush()
    {
        await StoreAsync("a");
        var a = await ClaimAsync("a");

        var report = await Worker.FlushAsync(settlements: [End(a, added: SomeFlow.Added("x", "y after x"))], claims: [new(Some.Queue, 5)]);

        report.Claims.ShouldHaveSingleItem().Job.Step!.Name.ShouldBe("x");
    }

    [Fact]
    public async Task Without_anybody_who_waits_the_workflow_itself_waits_for_them()
    {
        await StoreAsync("a");

        await EndAsync("a", added: SomeFlow.Added("x"));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, x Ready");
        await EndAsync("x");
        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded, x Succeeded");
    }

    [Fact]
    public async Task One_that_fails_fails_the_workflow_and_stops_those_who_wait()
    {
        await StoreAsync("a undone", "b after a", "finally");

        await EndAsync("a", added: SomeFlow.Added("x", "y"));
        await EndAsync("x");
        await FailAsync("y");

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Skipped, a/undo Ready, finally Waiting, x Succeeded, y Failed");
        await EndAllAsync("a/undo", "finally");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Failed);
    }

    [Fact]
    public async Task Those_who_were_not_chosen_do_not_wait_for_them()
    {
        await StoreAsync("a", "left after a=left", "right after a=right");

        await EndAsync("a", branch: "left", added: SomeFlow.Added("x"));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, left Waiting, right Skipped, x Ready");

        // The added step returns no branch, which does not matter to the step that was chosen.
        await EndAsync("x");
        (await StepAsync("left")).Job.State.ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task Where_the_branch_left_everybody_out_the_workflow_itself_waits_for_them()
    {
        await StoreAsync("a", "left after a=left");

        await EndAsync("a", branch: "right", added: SomeFlow.Added("x"));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, left Skipped, x Ready");
        await EndAsync("x");
        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded, left Skipped, x Succeeded");
    }

    [Fact]
    public async Task An_added_step_may_add()
    {
        await StoreAsync("a", "b after a");
        await EndAsync("a", added: SomeFlow.Added("x", "y after x"));

        await EndAsync("x", added: SomeFlow.Added("deep"));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Waiting, x Succeeded, y Waiting, deep Ready");
        await EndAllAsync("deep", "y");
        (await StepAsync("b")).Job.State.ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task Two_steps_of_one_batch_add_both()
    {
        await StoreAsync("a", "b", "c after a b");
        var (a, b) = (await ClaimAsync("a"), await ClaimAsync("b"));

        _ = await Worker.FlushAsync(settlements: [End(a, added: SomeFlow.Added("x")), End(b, added: SomeFlow.Added("y"))]);

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Succeeded, c Waiting, x Ready, y Ready");
        await EndAllAsync("x", "y");
        (await StepAsync("c")).Job.State.ShouldBe(JobState.Ready);
    }

    [Theory]
    [InlineData(JobState.Failed)]
    [InlineData(JobState.Cancelled)]
    [InlineData(JobState.Ready)]
    [InlineData(JobState.Scheduled)]
    public async Task An_attempt_that_did_not_succeed_adds_nothing(JobState state)
    {
        await StoreAsync("a", "b after a on AllDone");
        var a = await ClaimAsync("a");

        _ = await Worker.SettleAsync(End(a, state, added: SomeFlow.Added("x")));

        (await StepsAsync()).Count.ShouldBe(2);
        (await StepAsync("a")).Added.ShouldBe(0);
    }

    [Fact]
    public async Task A_settlement_that_is_lost_adds_nothing()
    {
        await StoreAsync("a", "b after a");
        var dying = await NewWorkerAsync();
        var late = (await dying.ClaimAsync()).ShouldHaveSingleItem();
        _ = await KillAsync(dying);

        (await dying.SettleAsync(End(late, added: SomeFlow.Added("x")))).Settled.ShouldBeFalse();

        (await StatesAsync()).ShouldBe("Running: a Ready, b Waiting");
    }

    [Fact]
    public async Task A_second_attempt_adds_what_the_first_did_not()
    {
        await StoreAsync("a", "b after a");
        _ = await Worker.SettleAsync(End(await ClaimAsync("a"), JobState.Ready, added: SomeFlow.Added("x")));

        await EndAsync("a", added: SomeFlow.Added("x"));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Waiting, x Ready");
    }

    [Fact]
    public async Task A_repeated_flush_adds_once()
    {
        await StoreAsync("a", "b after a");
        await EndAsync("a", added: SomeFlow.Added("x"));

        _ = await Worker.RepeatAsync();

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Waiting, x Ready");
    }

    [Fact]
    public async Task A_cancelled_workflow_takes_no_more_steps()
    {
        await StoreAsync("a", "b after a");
        var a = await ClaimAsync("a");
        _ = await CancelFlowAsync();

        (await Worker.SettleAsync(End(a, added: SomeFlow.Added("x")))).ShouldBe(new SettleReport(true, JobState.Succeeded));

        (await StatesAsync()).ShouldBe("Cancelled: a Succeeded, b Cancelled");
        (await StepAsync("a")).Added.ShouldBe(0);
    }

    [Fact]
    public async Task More_than_a_workflow_can_have_fail_the_step_that_adds_them()
    {
        await StoreAsync("a", "b after a");
        var a = await ClaimAsync("a");
        JobDraft[] many = [.. Enumerable.Repeat(SomeFlow.Added("x")[0], WorkflowId.MaxSteps)];

        (await Worker.SettleAsync(End(a, branch: "left", added: many))).ShouldBe(new SettleReport(true, JobState.Failed));

        (await StatesAsync()).ShouldBe("Failed: a Failed, b Skipped");
        (await StepAsync("a")).ShouldSatisfyAllConditions(
            s => s.Job.Reason.ShouldNotBeNull().ShouldContain("1,000,000"), s => s.Job.Result.ShouldBeNull(), s => s.Branch.ShouldBeNull());
    }
}
