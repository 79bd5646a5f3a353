using Simmer.Storage;

namespace Simmer.StoreTests.Workflows;

public abstract class BrowsingWorkflows<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task Steps_are_counted_by_their_states()
    {
        await StoreAsync("a", "b", "c", "d after c", "e after b");
        await EndAsync("a");
        await FailAsync("b");

        (await WorkflowAsync()).Counts.ShouldBe(
            new Dictionary<JobState, int> { [JobState.Succeeded] = 1, [JobState.Failed] = 1, [JobState.Running] = 1, [JobState.Waiting] = 1,
                [JobState.Skipped] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Progress_is_that_of_all_ordinary_steps()
    {
        await StoreAsync("a undone", "b", "c after b", "d after c", "finally");
        await EndAsync("a");
        (await WorkflowAsync()).Progress.ShouldBe(0.25);
        var b = await ClaimAsync("b");

        _ = await Worker.FlushAsync(progress: [new ProgressNote(b.Token, 0.5, "half", false)]);

        (await WorkflowAsync()).Progress.ShouldBe(0.375);
        _ = await Worker.SettleAsync(End(b, JobState.Failed));
        (await WorkflowAsync()).Progress.ShouldBe(1);
    }

    [Fact]
    public async Task The_version_rises_with_every_change_of_any_step()
    {
        await StoreAsync("a", "b after a", "c after b=left", "finally");
        var last = (await WorkflowAsync()).Version;
        last.ShouldBeGreaterThan(0);

        var a = await RisesAsync(() => ClaimAsync("a"));
        _ = await RisesAsync(() => Worker.FlushAsync(progress: [new ProgressNote(a.Token, 0.5, "half", false)]).AsTask());
        _ = await RisesAsync(() => Worker.SettleAsync(Some.Settlement(a.Token, JobState.Scheduled, TimeSpan.Zero, step: a.Job.Step))
            .AsTask());
        _ = await RisesAsync(() => PromoteAsync().AsTask());
        a = await RisesAsync(() => ClaimAsync("a"));
        _ = await RisesAsync(() => Worker.GiveBackAsync(a.Token).AsTask());
        a = await RisesAsync(() => ClaimAsync("a"));
        _ = await RisesAsync(() => Worker.SettleAsync(End(a, added: SomeFlow.Added("x"))).AsTask());
        var x = await RisesAsync(() => ClaimAsync("x"));
        _ = await RisesAsync(() => Worker.SettleAsync(End(x)).AsTask());
        var b = await RisesAsync(() => ClaimAsync("b"));
        _ = await RisesAsync(() => CancelFlowAsync().AsTask());
        _ = await RisesAsync(() => Worker.SettleAsync(End(b, JobState.Cancelled)).AsTask());
        var end = await RisesAsync(() => ClaimAsync("finally"));
        _ = await RisesAsync(() => Worker.SettleAsync(End(end)).AsTask());
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Cancelled);
        _ = await RisesAsync(() => RetryFlowAsync().AsTask());

        async Task<T> RisesAsync<T>(Func<Task<T>> change)
        {
            var answer = await change();
            var version = (await WorkflowAsync()).Version;
            version.ShouldBeGreaterThan(last);
            last = version;
            return answer;
        }
    }

    [Fact]
    public async Task Without_a_count_it_says_how_the_workflow_stands()
    {
        await StoreAsync("a", "b after a");
        await FailAsync("a");

        var record = (await Store.Browser.WorkflowAsync(Flow.Id, counted: false, Token)).ShouldNotBeNull();

        (record.Id, record.State, record.StepCount, record.FinishedAt).ShouldBe((Flow.Id, WorkflowState.Failed, 2, Now));
    }

    [Fact]
    public async Task Looking_changes_no_version()
    {
        await StoreAsync("a", "b after a");

        (await WorkflowAsync()).Version.ShouldBe((await WorkflowAsync()).Version);
    }

    [Fact]
    public async Task Versions_are_those_of_the_records_while_the_workflow_runs()
    {
        await StoreAsync("a", "b after a");
        WorkflowId[] ids = [SomeFlow.Id(), Flow.Id, Flow.Id];

        await AgreeAsync();
        await EndAsync("a");
        await AgreeAsync();
        var b = await ClaimAsync("b");
        _ = await Worker.FlushAsync(progress: [new ProgressNote(b.Token, 0.5, "half", false)]);
        await AgreeAsync();

        _ = await CancelFlowAsync();
        _ = await Worker.SettleAsync(End(b, JobState.Cancelled));
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Cancelled);
        (await Store.Browser.WorkflowVersionsAsync(ids, counted: true, Token)).ShouldBe([null, null, null]);

        async Task AgreeAsync()
        {
            foreach (var counted in new[] { true, false })
            {
                var version = (await Store.Browser.WorkflowAsync(Flow.Id, counted, Token))!.Version;
                (await Store.Browser.WorkflowVersionsAsync(ids, counted, Token)).ShouldBe([null, version, version]);
            }
        }
    }

    [Fact]
    public async Task Steps_come_by_their_numbers_whatever_the_order_asked()
    {
        await StoreAsync("a", "b after a", "c", "d");
        await EndAsync("d");
        await EndAsync("a");

        (await StepsAsync()).Select(s => s.Step.Name).ShouldBe(["a", "b", "c", "d"]);
        (await StepsAsync(4, 1, 9, 2, 4, 0)).Select(s => s.Step.Name).ShouldBe(["a", "b", "d"]);
        (await Store.Browser.StepsAsync(Flow.Id, [], Token)).ShouldBeEmpty();
        (await Store.Browser.StepsAsync(SomeFlow.Id(), null, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_gates_number_is_no_step()
    {
        await StoreAsync("a", "finally");
        Flow.Gates.ShouldNotBeEmpty();

        (await StepsAsync(-1)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_makes_a_job_a_step_can_be_looked_at()
    {
        await StoreAsync("a undone", "b after a=left on AllDone", "finally");

        var steps = await StepsAsync();

        steps.Select(s => (s.Step.Number, s.Step.Name, s.Step.Rule, s.Step.Role)).ShouldBe(
        [
            (1, "a", StepRule.AllSucceeded, StepRole.Step),
            (2, "b", StepRule.AllDone, StepRole.Step),
            (3, "a/undo", StepRule.AllSucceeded, StepRole.Undo),
            (4, "finally", StepRule.AllDone, StepRole.Finally),
        ]);
        steps[1].Step.Parents.ShouldBe([1]);
        var link = steps[0].Step.Next.Single(l => l.Labels.Count > 0);
        (link.Kind, link.To.Single(), link.Labels.Single()).ShouldBe((StepLinkKind.Normal, 2, "left"));
        steps[0].Step.Next.ShouldContain(l => l.Kind == StepLinkKind.Target);
        steps.ShouldAllBe(s => s.Step.Workflow == Flow.Id);
    }

    [Fact]
    public async Task A_job_knows_its_workflow_and_its_step_before_and_after_its_end()
    {
        await StoreAsync("a", "b after a");
        var alone = Some.Draft(queue: "other");
        _ = await Worker.EnqueueAsync(alone);

        (await GetAsync(Flow.Steps[0].Id)).ShouldSatisfyAllConditions(j => j.Workflow.ShouldBe(Flow.Id), j => j.Step.ShouldBe("a"));
        await EndAsync("a");
        (await GetAsync(Flow.Steps[0].Id)).ShouldSatisfyAllConditions(j => j.Workflow.ShouldBe(Flow.Id), j => j.Step.ShouldBe("a"));
        (await GetAsync(alone.Id)).ShouldSatisfyAllConditions(j => j.Workflow.ShouldBeNull(), j => j.Step.ShouldBeNull());
        (await Store.Browser.ListAsync(new JobQuery { State = JobState.Succeeded }, Token)).ShouldHaveSingleItem().Step.ShouldBe("a");
    }

    [Fact]
    public async Task Results_and_times_are_kept_although_the_queue_keeps_nothing()
    {
        await StoreAsync("a", "b after a", "c after a");
        var claim = await ClaimAsync("a");
        Pass(TimeSpan.FromSeconds(3));
        _ = await Worker.SettleAsync(End(claim, branch: "left"));

        var a = await StepAsync("a");
        a.Job.Result.ShouldNotBeNull().ToArray().ShouldBe("1"u8.ToArray());
        (a.Branch, a.Job.FinishedAt, a.Job.StartedAt, a.Job.Run).ShouldBe(("left", Now, Some.Moment, 1));
        await EndAllAsync("b", "c");
        _ = await PruneAsync();
        (await StepAsync("a")).Job.Result.ShouldNotBeNull();
    }

    [Fact]
    public async Task Errors_of_a_step_are_kept()
    {
        await StoreAsync("a", "b after a");
        var claim = await ClaimAsync("a");

        _ = await Worker.SettleAsync(Some
            .Settlement(claim.Token, JobState.Failed, error: Some.Error(), reason: "no ink", keepFor: TimeSpan.Zero, step: claim.Job.Step));

        var a = (await StepAsync("a")).Job;
        a.Errors.ShouldHaveSingleItem().ShouldBe(Some.Error());
        a.Reason.ShouldBe("no ink");
    }

    [Fact]
    public async Task Steps_are_counted_with_the_other_jobs()
    {
        await StoreAsync("a", "b after a", "c after a=never");
        await EndAsync("a");

        (await Store.Browser.CountAsync(Token)).ShouldBe(
            [new(Some.Queue, JobState.Succeeded, 1), new(Some.Queue, JobState.Ready, 1), new(Some.Queue, JobState.Skipped, 1)],
                ignoreOrder: true);
    }
}
