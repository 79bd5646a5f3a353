using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>Looking at a workflow, cancelling it, running it again.</summary>
public abstract class SteeringTests(IJobDatabase? database) : WorkflowTest(database)
{
    [Fact]
    public async Task A_workflow_that_waits_is_cancelled_at_once()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Do("a"), options: new EnqueueOptions { Delay = TimeSpan.FromHours(1) }).Then(new Do("b"))
                .Finally(new Do("end")), cancellationToken: Cancelled);

        (await handle.CancelAsync("changed my mind", Cancelled)).ShouldBe(CancelResult.Cancelled);
        var end = (await host.Jobs.WaitAsync(handle.Id, Cancelled))!;

        (end.State, end.Reason, end.CancelRequested).ShouldBe((WorkflowState.Cancelled, "changed my mind", true));
        (await StatesAsync(handle)).ShouldBe(["do Cancelled", "do-2 Cancelled", "finally Succeeded"]);
        (await StepAsync(handle, "do")).Job.Reason.ShouldBe("changed my mind");
        (await Should.ThrowAsync<WorkflowFailedException>(handle.WaitAsync(Cancelled))).Message
            .ShouldContain("ended Cancelled: step 'do' ended Cancelled: changed my mind");
    }

    [Fact]
    public async Task A_running_step_is_told_to_stop_and_what_had_succeeded_is_undone()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Pay("1"), undo: new Refund()).Then(new Do("a") { Waits = true }, undo: new Do("never")).Then(new Do("b"))
                .OnFailure(new Do("alarm")).Finally(new Do("end")),
            cancellationToken: Cancelled);
        await Play.Started("a").WaitAsync();

        (await handle.CancelAsync("too slow", Cancelled)).ShouldBe(CancelResult.Requested);

        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Cancelled);
        Play.Notes.ShouldBe(["pay 1", "a", "refund R1", "alarm", "end"]);
        (await StatesAsync(handle)).ShouldBe(
            ["pay Succeeded", "do Cancelled", "do-2 Cancelled", "do/undo Skipped", "pay/undo Succeeded", "on-failure Succeeded",
                "finally Succeeded"]);
        (await handle.CancelAsync(cancellationToken: Cancelled)).ShouldBe(CancelResult.AlreadyFinished);
    }

    [Fact]
    public async Task The_cancel_of_one_step_skips_what_waits_for_it()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Do("a"), undo: new Do("undo")).Then(new Do("b"), options: new EnqueueOptions { Delay = TimeSpan.FromHours(1) })
                .Then(new Do("c")), cancellationToken: Cancelled);
        await host.Jobs.WaitAsync(handle.Id.Step(1), Cancelled);

        (await host.Jobs.CancelAsync(handle.Id.Step(2), "not needed", Cancelled)).ShouldBe(CancelResult.Cancelled);

        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Cancelled);
        (await StatesAsync(handle)).ShouldBe(["do Succeeded", "do-2 Cancelled", "do-3 Skipped", "do/undo Succeeded"]);
    }

    [Fact]
    public async Task A_failed_workflow_goes_on_where_it_failed()
    {
        await using var host = await PlayAsync();
        var handle = await RunAsync(host, Chain.Of(new Do("a")).Then(new Do("b") { Fails = "no" }).Then(new Do("c")).Then(new Do("d")),
            WorkflowState.Failed);

        Play.Mend("b");
        (await host.Jobs.RetryAsync(handle.Id, cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Retried);

        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Succeeded);
        Play.Notes.ShouldBe(["a", "b", "b", "c", "d"]);
        (await StepAsync(handle, "do-2")).Job.Attempt.ShouldBe(1);
        (await host.Jobs.RetryAsync(handle.Id, cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.NotRetryable);
    }

    [Fact]
    public async Task A_retried_step_may_fail_again()
    {
        await using var host = await PlayAsync();
        var handle = await RunAsync(host, Chain.Of(new Do("a") { Fails = "no" }).Then(new Do("b")), WorkflowState.Failed);

        (await host.Jobs.RetryAsync(handle.Id.Step(1), cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Retried);
        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Failed);

        (await StatesAsync(handle)).ShouldBe(["do Failed", "do-2 Skipped"]);
        Play.Notes.ShouldBe(["a", "a"]);
    }

    [Fact]
    public async Task One_failed_step_of_several_is_run_again_as_a_job_is()
    {
        await using var host = await PlayAsync();
        var handle = await RunAsync(host, Chain.Of(Group.Of(new Do("a") { Fails = "no" }, new Do("b") { Fails = "no" })).Then(new Do("c")),
            WorkflowState.Failed);

        Play.Mend("a");
        (await host.Jobs.RetryAsync(handle.Id.Step(1), cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Retried);
        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Failed);
        (await StatesAsync(handle)).ShouldBe(["do Succeeded", "do-2 Failed", "do-3 Skipped"]);

        Play.Mend("b");
        (await host.Jobs.RetryAsync(handle.Id.Step(2), cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Retried);
        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task A_cancelled_workflow_goes_on_when_it_is_retried()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs.EnqueueAsync(Chain.Of(new Do("a") { Waits = true }).Then(new Do("b")), cancellationToken: Cancelled);
        await Play.Started("a").WaitAsync();
        await handle.CancelAsync(cancellationToken: Cancelled);
        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Cancelled);

        Play.Release("a");
        (await host.Jobs.RetryAsync(handle.Id, cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Retried);

        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Succeeded);
        (await handle.GetAsync(Cancelled))!.CancelRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_undone_is_run_again_by_force_only()
    {
        await using var host = await PlayAsync();
        var handle = await RunAsync(host, Chain.Of(new Pay("1"), undo: new Refund()).Then("b", new Do("b") { Fails = "no" })
            .Then(new Do("c")), WorkflowState.Failed);

        var refused = await host.Jobs.RetryAsync(handle.Id, cancellationToken: Cancelled);
        (refused.Status, refused.State, refused.Compensation).ShouldBe((RetryStatus.Compensated, JobState.Failed, "pay/undo"));
        (await host.Jobs.RetryAsync(handle.Id.Step(2), cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Compensated);
        (await host.Jobs.RetryAsync(handle.Id.Step(2), cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Compensated);

        Play.Mend("b");
        (await host.Jobs.RetryAsync(handle.Id, force: true, Cancelled)).Status.ShouldBe(RetryStatus.Retried);
        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Succeeded);

        Play.Notes.ShouldBe(["pay 1", "b", "refund R1", "b", "c"]);
        (await StatesAsync(handle)).ShouldBe(["pay Succeeded", "b Succeeded", "do Succeeded", "pay/undo Succeeded"]);
    }

    [Fact]
    public async Task A_retry_opens_the_workflow_again_though_its_end_had_come_and_does_not_come_twice()
    {
        await using var host = await PlayAsync();
        var handle = await RunAsync(host, Chain.Of(new Do("a") { Fails = "no" }).OnFailure(new Do("alarm")).Finally(new Do("end")),
            WorkflowState.Failed);

        Play.Mend("a");
        (await host.Jobs.RetryAsync(handle.Id, cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Retried);

        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Succeeded);
        Play.Notes.ShouldBe(["a", "alarm", "end", "a"]);
    }

    [Fact]
    public async Task A_cancelled_workflow_has_not_ended_while_a_step_of_it_runs_and_undoes_nothing_until_then()
    {
        var (started, stopped, release) = (new Signal(), new Signal(), new Signal());
        await using var host = await PlayAsync(s => s.AddJob(async (Custom _, CancellationToken token) =>
        {
            await using var told = token.Register(stopped.Set);
            started.Set();
            await release.WaitAsync(CancellationToken.None);
            token.ThrowIfCancellationRequested();
        }));
        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(new Pay("1"), undo: new Refund()).Then("c", new Custom("x")).Then(new Do("b"))
            .Finally(new Do("end")), cancellationToken: Cancelled);
        await started.WaitAsync();

        (await handle.CancelAsync(cancellationToken: Cancelled)).ShouldBe(CancelResult.Requested);
        (await StatesAsync(handle)).ShouldBe(["pay Succeeded", "c Running", "do Cancelled", "pay/undo Waiting", "finally Waiting"]);
        (await handle.GetAsync(Cancelled))!.State.ShouldBe(WorkflowState.Running);
        await stopped.WaitAsync();
        release.Set();

        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Cancelled);
        (await StatesAsync(handle)).ShouldBe(["pay Succeeded", "c Cancelled", "do Cancelled", "pay/undo Succeeded", "finally Succeeded"]);
    }

    [Fact]
    public async Task A_failed_undo_can_be_run_again()
    {
        await using var host = await PlayAsync();
        var handle = await RunAsync(host, Chain.Of("a", new Do("a"), undo: new Do("undo") { Fails = "no" })
            .Then(new Do("b") { Fails = "no" }), WorkflowState.Failed);

        Play.Mend("undo");
        (await host.Jobs.RetryAsync((await StepAsync(handle, "a/undo")).Job.Id, cancellationToken: Cancelled)).Status
            .ShouldBe(RetryStatus.Retried);

        (await host.Jobs.WaitAsync((await StepAsync(handle, "a/undo")).Job.Id, Cancelled))!.State.ShouldBe(JobState.Succeeded);
        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Failed);
    }

    [Fact]
    public async Task A_workflow_is_deleted_with_all_its_steps_unless_one_runs()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(new Do("a") { Waits = true })
            .Then(new Do("b"), options: new EnqueueOptions { Delay = TimeSpan.FromHours(1) }), cancellationToken: Cancelled);
        await Play.Started("a").WaitAsync();
        (await host.Jobs.DeleteAsync(handle.Id, Cancelled)).ShouldBe(DeleteResult.StillRunning);

        Play.Release("a");
        await host.Jobs.WaitAsync(handle.Id.Step(1), Cancelled);
        (await host.Jobs.DeleteAsync(handle.Id, Cancelled)).ShouldBe(DeleteResult.Deleted);

        (await handle.GetAsync(Cancelled)).ShouldBeNull();
        (await handle.GetStepsAsync(Cancelled)).ShouldBeEmpty();
        (await host.Jobs.GetAsync(handle.Id.Step(1), Cancelled)).ShouldBeNull();
        await ShouldHoldNothingAsync(host);
        (await host.Jobs.DeleteAsync(handle.Id, Cancelled)).ShouldBe(DeleteResult.NotFound);
    }

    [Fact]
    public async Task What_nobody_knows_cannot_be_found_waited_for_cancelled_retried_or_deleted()
    {
        await using var host = await PlayAsync();
        var id = WorkflowId.For("nobody");

        (await host.Jobs.GetAsync(id, Cancelled)).ShouldBeNull();
        (await host.Jobs.GetStepsAsync(id, Cancelled)).ShouldBeEmpty();
        (await host.Jobs.WaitAsync(id, Cancelled)).ShouldBeNull();
        (await host.Jobs.CancelAsync(id, cancellationToken: Cancelled)).ShouldBe(CancelResult.NotFound);
        (await host.Jobs.RetryAsync(id, cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.NotFound);
        (await host.Jobs.RetryAsync(id.Step(1), cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.NotFound);
        (await host.Jobs.DeleteAsync(id, Cancelled)).ShouldBe(DeleteResult.NotFound);
    }

    [Fact]
    public async Task A_watcher_sees_rising_versions_and_progress_up_to_the_end()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Do("a") { Waits = true }).Then(new Do("b") { Waits = true }).Then(new Do("c") { Waits = true }).Then(new Do("d"))
                .Finally(new Do("end")), cancellationToken: Cancelled);
        var seen = new List<WorkflowRecord>();

        await foreach (var workflow in host.Jobs.WatchAsync(handle.Id, cancellationToken: Cancelled))
        {
            seen.Add(workflow);
            if (workflow.Counts.ContainsKey(JobState.Running))
            {
                Play.Release($"{(char)('a' + workflow.Counts.GetValueOrDefault(JobState.Succeeded))}");
            }
        }

        (seen[0].State, seen[^1].State, seen[^1].Progress).ShouldBe((WorkflowState.Running, WorkflowState.Succeeded, 1));
        seen.Select(static w => w.Version).ShouldBeInOrder(SortDirection.Ascending);
        seen.Select(static w => w.Version).ShouldBeUnique();
        seen.Select(static w => w.Progress).ShouldBeInOrder(SortDirection.Ascending);
        seen.Select(static w => w.Progress).ShouldContain(0.25);
        seen.ShouldAllBe(static w => w.StepCount == 5 && w.Counts.Values.Sum() == 5);

        await foreach (var workflow in host.Jobs.WatchAsync(handle.Id, seen[^1].Version, Cancelled))
        {
            Assert.Fail($"given again: {workflow.State}");
        }
    }

    [Fact]
    public async Task The_progress_of_a_running_step_counts_for_its_share()
    {
        var (reported, release) = (new Signal(), new Signal());
        await using var host = await PlayAsync(s => s.AddJob(async (Custom _, JobContext context, CancellationToken _) =>
        {
            context.Progress.Report(0.5);
            reported.Set();
            await release.WaitAsync();
        }));
        var handle = await host.Jobs.EnqueueAsync(Chain.Of(new Custom("x")).Then(new Do("b")), cancellationToken: Cancelled);
        await reported.WaitAsync();

        await foreach (var workflow in host.Jobs.WatchAsync(handle.Id, cancellationToken: Cancelled))
        {
            if (workflow.Progress == 0.25)
            {
                release.Set();
            }
        }

        (await handle.GetAsync(Cancelled))!.Progress.ShouldBe(1);
        release.IsSet.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_gives_up_waiting_is_let_go_and_the_workflow_goes_on()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs.EnqueueAsync(Chain.Of(new Do("a") { Waits = true }), cancellationToken: Cancelled);
        await Play.Started("a").WaitAsync();
        using var patience = new CancellationTokenSource();

        var waiting = handle.WaitAsync(patience.Token);
        patience.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(waiting);

        Play.Release("a");
        (await handle.WaitAsync(Cancelled)).State.ShouldBe(WorkflowState.Succeeded);
    }
}
