using Simmer.Storage;

namespace Simmer.StoreTests.Workflows;

public abstract class Storing<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_workflow_is_stored_whole_and_its_first_steps_are_ready()
    {
        var draft = SomeFlow.Draft(SomeFlow.Parse("a", "b", "c after a b"), name: "post");

        (await Worker.EnqueueAsync(draft)).ShouldBe(new WorkflowReport(EnqueueStatus.Stored, draft.Id, WorkflowState.Running));

        await ShouldBeAsync(draft, "Running: a Ready, b Ready, c Waiting");
        var record = await WorkflowAsync();
        (record.Name, record.CreatedAt, record.FinishedAt, record.StepCount, record.Progress).ShouldBe(("post", Now, null, 3, 0));
    }

    [Fact]
    public async Task The_same_id_again_stores_nothing()
    {
        await StoreAsync("a");
        await EndAsync("a");
        var other = SomeFlow.Draft(SomeFlow.Parse("b", "c"), Flow.Id);

        (await Worker.EnqueueAsync(other)).ShouldBe(new WorkflowReport(EnqueueStatus.Duplicate, Flow.Id, WorkflowState.Succeeded));

        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded");
    }

    [Fact]
    public async Task The_same_id_twice_in_one_flush_is_stored_once()
    {
        var id = SomeFlow.Id();

        var report = await Worker
            .FlushAsync(workflows: [SomeFlow.Draft(SomeFlow.Parse("a"), id), SomeFlow.Draft(SomeFlow.Parse("b", "c"), id)]);

        report.Workflows.Select(w => w.Status).ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Duplicate]);
        (await Store.Browser.StepsAsync(id, null, Token)).ShouldHaveSingleItem().Step.Name.ShouldBe("a");
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("")]
    public async Task A_step_that_cannot_be_stored_keeps_all_of_it_out_and_no_neighbour(string queue)
    {
        var flow = SomeFlow.Parse("a");
        _ = flow.Add("bad", new Letter(Queue: queue));
        var (bad, good, alone) = (SomeFlow.Draft(flow), SomeFlow.Of("a"), Some.Draft());

        var report = await Worker.FlushAsync(enqueues: [new(alone, false)], workflows: [bad, good]);

        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
        report.Workflows.Select(w => w.Status).ShouldBe([EnqueueStatus.Refused, EnqueueStatus.Stored]);
        report.Workflows[0].Error.ShouldNotBeNull().Message.ShouldContain("'bad'");
        (await Store.Browser.WorkflowAsync(bad.Id, counted: true, Token)).ShouldBeNull();
        (await Store.Browser.StepsAsync(bad.Id, null, Token)).ShouldBeEmpty();
        (await FindAsync(bad.Steps[0].Id)).ShouldBeNull();
    }

    [Fact]
    public async Task A_workflow_without_steps_has_succeeded_at_once()
    {
        var draft = SomeFlow.Of();

        (await Worker.EnqueueAsync(draft)).State.ShouldBe(WorkflowState.Succeeded);

        await ShouldBeAsync(draft, "Succeeded: ");
        var record = await WorkflowAsync();
        (record.FinishedAt, record.StepCount, record.Progress).ShouldBe((Now, 0, 1));
        Pass(SomeFlow.KeepSucceeded);
        _ = await PruneAsync();
        (await Store.Browser.WorkflowAsync(draft.Id, counted: true, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_step_for_the_end_alone_runs_and_ends_it()
    {
        await StoreAsync("on-failure", "finally");
        (await StatesAsync()).ShouldBe("Running: finally Ready");

        await EndAsync("finally");

        (await StatesAsync()).ShouldBe("Succeeded: finally Succeeded");
    }

    [Fact]
    public async Task First_steps_can_be_claimed_in_the_very_flush()
    {
        var draft = SomeFlow.Of("a", "b after a");

        var report = await Worker.FlushAsync(workflows: [draft], claims: [new(Some.Queue, 5)]);

        var claim = report.Claims.ShouldHaveSingleItem();
        claim.Job.Id.ShouldBe(draft.Steps[0].Id);
        var step = claim.Job.Step.ShouldNotBeNull();
        (step.Workflow, step.Number, step.Name).ShouldBe((draft.Id, 1, "a"));
    }

    [Fact]
    public async Task The_report_says_which_queues_have_work_and_when_more_is_due()
    {
        var flow = SomeFlow.Parse("a", "b after a");
        _ = flow.Add("elsewhere", new Letter(Queue: "other"));
        _ = flow.Add("later", new Letter(Queue: "third", Delay: TimeSpan.FromMinutes(1)));

        var report = await Worker.FlushAsync(workflows: [SomeFlow.Draft(flow)]);

        report.Released.Queues.ShouldBe([Some.Queue, "other"], ignoreOrder: true);
        report.Released.NextDue.ShouldBe(Now.AddMinutes(1));
    }

    [Fact]
    public async Task A_repeated_flush_stores_it_once()
    {
        await StoreAsync("a", "b after a");

        var report = await Worker.RepeatAsync();

        report.WasRepeat.ShouldBeTrue();
        report.Workflows.ShouldBe([new WorkflowReport(EnqueueStatus.Stored, Flow.Id, WorkflowState.Running)]);
        (await StatesAsync()).ShouldBe("Running: a Ready, b Waiting");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_repeat_tells_a_duplicate_as_one_whatever_became_of_the_first(bool isDeleted)
    {
        await StoreAsync("a", "b after a");
        var (fresh, twice) = (SomeFlow.Of("c"), SomeFlow.Of("d"));
        (await Worker.FlushAsync(workflows: [fresh, Flow, twice, twice], enqueues: [new(Some.Draft(), false)])).Workflows
            .Select(static w => w.Status)
            .ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Duplicate, EnqueueStatus.Stored, EnqueueStatus.Duplicate]);
        if (isDeleted)
        {
            (await DeleteFlowAsync()).ShouldBe(DeleteResult.Deleted);
        }

        for (var i = 0; i < 2; i++)
        {
            var report = await Worker.RepeatAsync();

            report.WasRepeat.ShouldBeTrue();
            report.Blocked.IsEmpty.ShouldBeTrue();
            report.Workflows.ShouldBe(
            [
                new(EnqueueStatus.Stored, fresh.Id, WorkflowState.Running),
                new(EnqueueStatus.Duplicate, Flow.Id, isDeleted ? WorkflowState.Unknown : WorkflowState.Running),
                new(EnqueueStatus.Stored, twice.Id, WorkflowState.Running),
                new(EnqueueStatus.Duplicate, twice.Id, WorkflowState.Running),
            ]);
        }
    }

    [Fact]
    public async Task A_repeat_tells_a_duplicate_that_a_worker_sent_which_is_gone_by_now()
    {
        await StoreAsync("a");
        var flow = Flow;
        _ = await KillAsync(Worker);
        (await Worker.FlushAsync(workflows: [flow])).Workflows[0].Status.ShouldBe(EnqueueStatus.Duplicate);

        (await Worker.RepeatAsync())
            .ShouldSatisfyAllConditions(static r => r.WorkerGone.ShouldBeTrue(),
            static r => r.Workflows[0].Status.ShouldBe(EnqueueStatus.Duplicate));
    }

    [Fact]
    public async Task A_repeat_tells_duplicates_beside_an_enqueue_that_was_not_stored_either()
    {
        await StoreAsync("a");
        var holder = Some.Draft(uniqueKey: "k");
        _ = await Worker.EnqueueAsync(holder);
        _ = await Worker.FlushAsync(workflows: [Flow], enqueues: [new(Some.Draft(uniqueKey: "k"), false)]);

        for (var i = 0; i < 2; i++)
        {
            var report = await Worker.RepeatAsync();

            report.Workflows.ShouldBe([new WorkflowReport(EnqueueStatus.Duplicate, Flow.Id, WorkflowState.Running)]);
            report.Enqueues.ShouldBe([new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, JobState.Ready)]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repeat_refuses_what_was_refused_or_stores_it_where_nothing_is_in_its_way_any_more(bool isFreed)
    {
        var flow = SomeFlow.Of("a", "b after a");
        var squatter = Some.Draft(id: flow.Id.Step(2));
        (await Worker.EnqueueAsync(squatter)).Status.ShouldBe(EnqueueStatus.Stored);
        (await Worker.FlushAsync(workflows: [flow])).Workflows[0].Status.ShouldBe(EnqueueStatus.Refused);
        if (isFreed)
        {
            (await Store.DeleteAsync([squatter.Id], Now, Token)).ShouldBe(1);
        }

        var repeat = await Worker.RepeatAsync();
        var report = repeat.Blocked.Workflows.Contains(0)
            ? (await Worker.FlushApartAsync(workflows: [flow])).Workflows[0]
            : repeat.Workflows[0];

        report.Status.ShouldBe(isFreed ? EnqueueStatus.Stored : EnqueueStatus.Refused);
        (await Store.Browser.WorkflowAsync(flow.Id, counted: true, Token) is not null).ShouldBe(isFreed);
        if (!isFreed)
        {
            report.Error.ShouldNotBeNull().Message.ShouldContain(squatter.Id.ToString());
        }
    }

    [Fact]
    public async Task A_repeat_does_not_bring_a_deleted_one_back()
    {
        await StoreAsync("a");
        var last = Worker.LastFlush;
        _ = await DeleteFlowAsync();

        (await Worker.RepeatAsync()).Workflows.ShouldBe([new WorkflowReport(EnqueueStatus.Stored, Flow.Id, WorkflowState.Unknown)]);

        last.ShouldNotBeNull();
        (await Store.Browser.WorkflowAsync(Flow.Id, counted: true, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_worker_that_is_gone_still_stores_it()
    {
        _ = await KillAsync(Worker);
        var draft = SomeFlow.Of("a", "b after a");

        var report = await Worker.FlushAsync(workflows: [draft], claims: [new(Some.Queue, 5)]);

        report.WorkerGone.ShouldBeTrue();
        report.Workflows[0].Status.ShouldBe(EnqueueStatus.Stored);
        report.Claims.ShouldBeEmpty();
        await ShouldBeAsync(draft, "Running: a Ready, b Waiting");
    }

    [Fact]
    public async Task A_first_step_that_waits_for_a_failure_is_skipped_at_once()
    {
        await StoreAsync("a on AnyFailed", "b after a on NoneFailed");

        (await StatesAsync()).ShouldBe("Running: a Skipped, b Ready");
    }

    [Fact]
    public async Task A_claim_brings_what_makes_a_job_a_step()
    {
        await StoreAsync("a", "b", "c after a=left|right b on NoneFailed");
        await EndAsync("a", branch: "left");
        await EndAsync("b");

        var step = (await ClaimAsync("c")).Job.Step.ShouldNotBeNull();

        (step.Workflow, step.Number, step.Name, step.Rule, step.Role, step.ParentsThroughEmpty)
            .ShouldBe((Flow.Id, 3, "c", StepRule.NoneFailed, StepRole.Step, 0));
        step.Parents.ShouldBe([1, 2]);
        step.Next.ShouldHaveSingleItem().To.ShouldBe([0]);
    }

    private async Task ShouldBeAsync(WorkflowDraft draft, string states)
    {
        Use(draft);
        (await StatesAsync()).ShouldBe(states);
    }
}
