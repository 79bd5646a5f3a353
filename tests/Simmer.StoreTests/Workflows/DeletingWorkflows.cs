namespace Simmer.StoreTests.Workflows;

public abstract class DeletingWorkflows<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_step_alone_cannot_be_deleted()
    {
        await StoreAsync("a", "b", "c after a");
        await EndAsync("a");

        (await Store.DeleteAsync([.. Flow.Steps.Select(s => s.Id)], Now, Token)).ShouldBe(0);

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Running, c Ready");
    }

    [Fact]
    public async Task A_workflow_of_which_a_step_runs_is_left()
    {
        await StoreAsync("a", "b", "c after a");
        var a = await ClaimAsync("a");
        _ = await Worker.GiveBackAsync((await ClaimAsync("b")).Token);

        (await DeleteFlowAsync()).ShouldBe(DeleteResult.StillRunning);

        (await StatesAsync()).ShouldBe("Running: a Running, b Ready, c Waiting");
        (await Worker.SettleAsync(End(a))).Settled.ShouldBeTrue();
    }

    [Fact]
    public async Task It_goes_with_its_steps_finished_or_not()
    {
        var flow = SomeFlow.Parse("a", "b after a", "c", "d after c");
        _ = flow.Add("later", new Letter(Delay: TimeSpan.FromMinutes(1)));
        await StoreAsync(flow);
        await FailAsync("c");
        await EndAsync("a");
        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Ready, c Failed, d Skipped, later Scheduled");

        (await DeleteFlowAsync()).ShouldBe(DeleteResult.Deleted);

        (await Store.Browser.WorkflowAsync(Flow.Id, counted: true, Token)).ShouldBeNull();
        (await StepsAsync()).ShouldBeEmpty();
        (await Store.Browser.GetAsync([.. Flow.Steps.Select(s => s.Id)], Token)).ShouldAllBe(r => r == null);
        (await Store.Browser.CountAsync(Token)).ShouldBeEmpty();
        Pass(TimeSpan.FromMinutes(1));
        (await PromoteAsync()).Count.ShouldBe(0);
        (await Worker.ClaimAsync(5)).ShouldBeEmpty();
        (await DeleteFlowAsync()).ShouldBe(DeleteResult.NotFound);
    }

    [Fact]
    public async Task Its_id_can_be_used_again_and_nothing_of_the_first_comes_up()
    {
        await StoreAsync(SomeFlow.Draft(SomeFlow.Parse("a", "b", "c after a b", "d after a b", "e after a b", "finally")));
        var claim = await ClaimAsync("a");
        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, JobState.Failed, error: Some.Error(), step: claim.Job.Step));
        await EndAsync("b", JobState.Cancelled);
        _ = await DeleteFlowAsync();

        await StoreAsync(Flow);

        (await StatesAsync()).ShouldBe("Running: a Ready, b Ready, c Waiting, d Waiting, e Waiting, finally Waiting");
        (await StepAsync("a")).Job.ShouldSatisfyAllConditions(j => j.Errors.ShouldBeEmpty(), j => j.Run.ShouldBe(0));
        await EndAllAsync("a", "b", "c", "d", "e", "finally");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task Its_neighbours_stay()
    {
        await StoreAsync("a");
        var other = SomeFlow.Of("x", "y after x");
        var alone = Some.Draft();
        _ = await Worker.FlushAsync(enqueues: [new(alone, false)], workflows: [other]);

        _ = await DeleteFlowAsync();

        Use(other);
        (await StatesAsync()).ShouldBe("Running: x Ready, y Waiting");
        (await StateOfAsync(alone.Id)).ShouldBe(JobState.Ready);
    }
}
