using Simmer.Storage;

namespace Simmer.StoreTests.Workflows;

public abstract class CancellingWorkflows<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task What_waits_is_cancelled_at_once()
    {
        await StoreAsync("a", "b after a", "c");

        (await CancelFlowAsync("changed my mind"))
            .ShouldSatisfyAllConditions(r => r.Result.ShouldBe(CancelResult.Cancelled), r => r.Running.ShouldBeEmpty());

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

    [Fact]
    public async Task A_success_that_arrives_wins_and_is_undone()
    {
        await StoreAsync("a undone", "b after a undone", "on-failure", "finally");
        var a = await ClaimAsync("a");
        _ = await CancelFlowAsync();
        (await StatesAsync())
            .ShouldBe("Running: a Running, b Cancelled, b/undo Waiting, a/undo Waiting, on-failure Waiting, finally Waiting");

        (await Worker.SettleAsync(End(a))).ShouldBe(new SettleReport(true, JobState.Succeeded));

        (await StatesAsync())
            .ShouldBe("Running: a Succeeded, b Cancelled, b/undo Skipped, a/undo Ready, on-failure Waiting, finally Waiting");
        await EndAllAsync("a/undo", "on-failure", "finally");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Cancelled);
    }

    [Theory]
    [InlineData(JobState.Ready)]
    [InlineData(JobState.Scheduled)]
    public async Task An_attempt_that_would_be_repeated_ends_cancelled(JobState state)
    {
        await StoreAsync("a", "finally");
        var a = await ClaimAsync("a");
        _ = await CancelFlowAsync("enough");

        (await Worker.SettleAsync(Some.Settlement(a.Token, state, TimeSpan.Zero, step: a.Job.Step)))
            .ShouldBe(new SettleReport(true, JobState.Cancelled));

        (await StatesAsync()).ShouldBe("Running: a Cancelled, finally Ready");
        (await StepAsync("a")).Job.Reason.ShouldBe("enough");
    }

    [Fact]
    public async Task The_report_says_what_followed()
    {
        await StoreAsync("a", "finally");

        var report = await CancelFlowAsync();

        report.Released.Queues.ShouldBe([Some.Queue]);
        report.Released.Steps.ShouldBe([await IdOfAsync("finally")]);
        report.Released.Workflows.ShouldBe([Flow.Id]);
        await EndAsync("finally");
        (await StatesAsync()).ShouldBe("Cancelled: a Cancelled, finally Succeeded");
    }

    [Fact]
    public async Task Whose_worker_dies_meanwhile_is_cancelled_by_the_rescue()
    {
        await StoreAsync("a", "b after a", "finally");
        var dying = await NewWorkerAsync();
        _ = await dying.ClaimAsync();
        _ = await CancelFlowAsync();

        var report = await KillAsync(dying);

        report.Cancelled.ShouldBe([await IdOfAsync("a")]);
        report.Released.Queues.ShouldBe([Some.Queue]);
        (await StatesAsync()).ShouldBe("Running: a Cancelled, b Cancelled, finally Ready");
    }

    [Fact]
    public async Task A_step_that_is_given_back_ends_cancelled()
    {
        await StoreAsync("a", "b after a", "finally");
        var a = await ClaimAsync("a");
        _ = await CancelFlowAsync();

        _ = await Worker.GiveBackAsync(a.Token);

        (await StatesAsync()).ShouldBe("Running: a Cancelled, b Cancelled, finally Ready");
    }

    [Fact]
    public async Task What_a_finished_one_did_stays_done()
    {
        await StoreAsync("a", "finally");
        await EndAsync("a");

        (await CancelFlowAsync()).Result.ShouldBe(CancelResult.AlreadyFinished);
        await EndAsync("finally");
        (await CancelFlowAsync()).Result.ShouldBe(CancelResult.AlreadyFinished);

        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded, finally Succeeded");
        (await WorkflowAsync()).CancelRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task One_that_is_not_there_is_not_found()
    {
        Use(SomeFlow.Of("a"));

        (await CancelFlowAsync()).Result.ShouldBe(CancelResult.NotFound);
    }

    [Fact]
    public async Task What_succeeded_before_stays_and_is_undone()
    {
        await StoreAsync("a undone", "b after a");
        await EndAsync("a");

        _ = await CancelFlowAsync();

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Cancelled, a/undo Ready");
        await EndAsync("a/undo");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Cancelled);
    }

    [Fact]
    public async Task A_single_waiting_step_can_be_cancelled_and_those_after_it_wait_for_what_is_before_it()
    {
        await StoreAsync("a", "b after a", "c after b on AllDone", "finally");
        var a = await ClaimAsync("a");

        (await CancelAsync(await IdOfAsync("b"))).Result.ShouldBe(CancelResult.Cancelled);

        (await StatesAsync()).ShouldBe("Running: a Running, b Cancelled, c Waiting, finally Waiting");
        _ = await Worker.SettleAsync(End(a));
        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Cancelled, c Ready, finally Waiting");
    }

    [Fact]
    public async Task A_second_cancel_changes_nothing()
    {
        await StoreAsync("a", "b after a");
        var a = await ClaimAsync("a");
        _ = await CancelFlowAsync("first");
        var before = await WorkflowAsync();

        (await CancelFlowAsync("second")).Running.ShouldBe([(Worker.Id, a.Token)]);

        (await WorkflowAsync()).ShouldSatisfyAllConditions(w => w.Reason.ShouldBe("first"), w => w.Version.ShouldBe(before.Version));
    }
}
