using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

public abstract class ChainTests(IJobDatabase? database) : WorkflowTest(database)
{
    [Fact]
    public async Task Jobs_run_one_after_another_in_the_order_of_the_chain()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(new Do("a") { Waits = true }).Then(new Do("b")).Then(new Do("c")), cancellationToken: Cancelled);
        await Play.Started("a").WaitAsync();

        (await StatesAsync(handle)).ShouldBe(["do Running", "do-2 Waiting", "do-3 Waiting"]);
        Play.Release("a");
        var end = await handle.WaitAsync(Cancelled);

        Play.Notes.ShouldBe(["a", "b", "c"]);
        (end.State, end.StepCount, end.Progress, end.Counts[JobState.Succeeded]).ShouldBe((WorkflowState.Succeeded, 3, 1, 3));
        end.FinishedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_chain_of_one_job_is_a_workflow_of_one_step()
    {
        await using var host = await PlayAsync();

        var handle = await RunAsync(host, Chain.Of("only", new Do("a")));

        (await StatesAsync(handle)).ShouldBe(["only Succeeded"]);
        (await host.Jobs.GetAsync(handle.Id.Step(1), Cancelled))!.Workflow.ShouldBe(handle.Id);
    }

    [Fact]
    public async Task When_a_step_fails_those_after_it_are_skipped()
    {
        await using var host = await PlayAsync();

        var handle = await RunAsync(host, Chain.Of(new Do("a")).Then(new Do("b") { Fails = "no" }).Then(new Do("c")).Then(new Do("d")),
            WorkflowState.Failed);

        Play.Notes.ShouldBe(["a", "b"]);
        (await StatesAsync(handle)).ShouldBe(["do Succeeded", "do-2 Failed", "do-3 Skipped", "do-4 Skipped"]);
    }

    [Fact]
    public async Task A_step_that_cancels_itself_stops_the_chain_as_well()
    {
        await using var host = await PlayAsync();

        var handle = await RunAsync(host, Chain.Of(new Do("a") { Cancels = "sold out" }).Then(new Do("b")), WorkflowState.Cancelled);

        (await StatesAsync(handle)).ShouldBe(["do Cancelled", "do-2 Skipped"]);
    }

    [Fact]
    public async Task What_had_succeeded_is_undone_last_first_with_the_result_of_what_is_undone()
    {
        await using var host = await PlayAsync();
        var chain = Chain.Of("first", new Pay("1"), undo: new Refund())
            .Then(new Do("pack"), undo: new Do("unpack"))
            .Then("second", new Pay("2"), undo: new Refund())
            .Then(new Do("post") { Fails = "no stamps" }, undo: new Do("never"))
            .Then(new Do("mail"), undo: new Do("never either"));

        var handle = await RunAsync(host, chain, WorkflowState.Failed);

        Play.Notes.ShouldBe(["pay 1", "pack", "pay 2", "post", "refund R2", "unpack", "refund R1"]);
        (await StatesAsync(handle)).ShouldBe(
            ["first Succeeded", "do Succeeded", "second Succeeded", "do-2 Failed", "do-3 Skipped", "do-3/undo Skipped", "do-2/undo Skipped",
                "second/undo Succeeded", "do/undo Succeeded", "first/undo Succeeded"]);
    }

    [Fact]
    public async Task A_payment_that_is_declined_is_not_refunded()
    {
        await using var host = await PlayAsync(s => s
            .AddJob(static (TakePayment _, CancellationToken _) => Task.FromResult<JobVerdict<Receipt>>(JobVerdict.Fail("declined"))));

        await RunAsync(host, Chain.Of(new TakePayment(1), undo: new Refund()).Then(new Ship()), WorkflowState.Failed);

        Play.Notes.ShouldBeEmpty();
    }

    [Fact]
    public async Task When_all_goes_well_nothing_is_undone_and_the_end_comes_last()
    {
        await using var host = await PlayAsync();
        var chain = Chain.Of(new Do("a"), undo: new Do("undo a")).Then(new Do("b")).OnFailure(new Do("alarm")).Finally(new Do("tidy"));

        var handle = await RunAsync(host, chain);

        Play.Notes.ShouldBe(["a", "b", "tidy"]);
        (await StatesAsync(handle))
            .ShouldBe(["do Succeeded", "do-2 Succeeded", "do/undo Skipped", "on-failure Skipped", "finally Succeeded"]);
    }

    [Fact]
    public async Task After_a_failure_come_the_undos_then_the_alarm_then_the_end()
    {
        await using var host = await PlayAsync();
        var chain = Chain.Of(new Do("a"), undo: new Do("undo a")).OnFailure("ring", new Do("alarm"))
            .Finally("sweep", new Do("tidy")).Then(new Do("b") { Fails = "no" });

        var handle = await RunAsync(host, chain, WorkflowState.Failed);

        Play.Notes.ShouldBe(["a", "b", "undo a", "alarm", "tidy"]);
        (await StatesAsync(handle))[^2..].ShouldBe(["ring Succeeded", "sweep Succeeded"]);
    }

    [Fact]
    public void There_is_one_step_for_a_failure_and_one_for_the_end()
    {
        var chain = Chain.Of(new Do("a")).OnFailure(new Do("b")).Finally(new Do("c"));

        Should.Throw<InvalidOperationException>(() => chain.OnFailure(new Do("d"))).Message
            .ShouldContain("There is an OnFailure already (Do)");
        Should.Throw<InvalidOperationException>(() => chain.Finally(new Do("d"))).Message.ShouldContain("Finally already (Do)");
    }

    [Fact]
    public async Task A_chain_inside_another_has_its_own_alarm_and_end()
    {
        await using var host = await PlayAsync();
        var inner = Chain.Of(new Do("b") { Fails = "no" }).OnFailure("inner-alarm", new Do("inner alarm"))
            .Finally("inner-end", new Do("inner end"));
        var outer = Chain.Of(new Do("a")).Then(inner).Then(new Do("c")).OnFailure(new Do("outer alarm")).Finally(new Do("outer end"));

        await RunAsync(host, outer, WorkflowState.Failed);

        Play.Notes.ShouldBe(["a", "b", "inner alarm", "outer alarm", "inner end", "outer end"]);
    }

    [Fact]
    public async Task The_alarm_of_a_chain_inside_another_is_silent_when_the_failure_is_outside()
    {
        await using var host = await PlayAsync();
        var inner = Chain.Of(new Do("a")).OnFailure("inner-alarm", new Do("inner alarm"));

        await RunAsync(host, Chain.Of(inner).Then(new Do("b") { Fails = "no" }).OnFailure(new Do("outer alarm")), WorkflowState.Failed);

        Play.Notes.ShouldBe(["a", "b", "outer alarm"]);
    }

    [Fact]
    public async Task The_alarm_of_a_chain_inside_another_is_silent_when_the_failure_was_before_it()
    {
        await using var host = await PlayAsync();
        var inner = Chain.Of(new Do("b")).Then(new Do("c")).OnFailure("inner-alarm", new Do("inner alarm"));

        await RunAsync(host, Chain.Of(new Do("a") { Fails = "no" }).Then(inner).OnFailure(new Do("outer alarm")), WorkflowState.Failed);

        Play.Notes.ShouldBe(["a", "outer alarm"]);
    }

    [Fact]
    public async Task The_alarm_hears_of_a_failure_in_the_middle_of_its_chain()
    {
        await using var host = await PlayAsync();

        await RunAsync(host, Chain.Of(new Do("a")).Then(new Do("b") { Fails = "no" }).Then(new Do("c")).Then(new Do("d"))
            .OnFailure(new Do("alarm")), WorkflowState.Failed);

        Play.Notes.ShouldBe(["a", "b", "alarm"]);
    }

    [Fact]
    public async Task A_chain_that_is_continued_in_two_ways_is_two_chains()
    {
        await using var host = await PlayAsync();
        var start = Chain.Of(new Do("a"));
        var (left, right) = (start.Then(new Do("left")), start.Then(new Do("right")).Finally(new Do("end")));

        var one = await RunAsync(host, left);
        var two = await RunAsync(host, right);

        Play.Notes.ShouldBe(["a", "left", "a", "right", "end"]);
        (one.Id == two.Id).ShouldBeFalse();
        (await StatesAsync(one)).Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_chain_gives_the_result_of_its_last_job()
    {
        await using var host = await PlayAsync();

        WorkflowHandle<Receipt> handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Do("a")).Then(new Pay("7"), undo: new Refund()).OnFailure(new Do("alarm"))
                .Finally(new Do("end")), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Number.ShouldBe("R7");
        ((await handle.GetAsync(Cancelled))!.State, handle.IsDuplicate).ShouldBe((WorkflowState.Succeeded, false));
    }

    [Fact]
    public async Task Who_waits_for_a_chain_that_failed_learns_of_the_step_and_the_reason()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of("charge", new Do("a") { Fails = "the card is declined" }).Then(new Pay("7"))
                .Finally(new Do("end")), new WorkflowOptions { Name = "order 7" }, Cancelled);

        var error = await Should.ThrowAsync<WorkflowFailedException>(handle.WaitAsync(Cancelled));

        error.Message.ShouldBe($"Workflow {handle.Id} (order 7) ended Failed: step 'charge' ended Failed: the card is declined.");
        (error.Id, error.Workflow!.State, error.Workflow.Name).ShouldBe((handle.Id, WorkflowState.Failed, "order 7"));
    }

    [Fact]
    public async Task Who_waits_for_a_step_that_threw_until_its_attempts_were_spent_learns_what_it_threw_last()
    {
        await using var host = await PlayAsync(static s => s
            .AddJob(static (Custom _, CancellationToken _) => throw new InvalidOperationException("the disk is full"),
            static o => o.MaxAttempts = 1));
        var handle = await host.Jobs.EnqueueAsync(Chain.Of("write", new Custom("x")), cancellationToken: Cancelled);

        (await Should.ThrowAsync<WorkflowFailedException>(handle.WaitAsync(Cancelled))).Message.ShouldEndWith(
            "step 'write' ended Failed: attempts exhausted: 1 of 1: System.InvalidOperationException: the disk is full.");
    }

    [Fact]
    public async Task The_failure_that_is_told_is_the_first_and_not_that_of_an_undo()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of("a", new Do("a"), undo: new Do("undo") { Fails = "cannot be undone" })
                .Then("b", new Do("b") { Fails = "the reason" }), cancellationToken: Cancelled);

        (await Should.ThrowAsync<WorkflowFailedException>(handle.WaitAsync(Cancelled))).Message
            .ShouldContain("step 'b' ended Failed: the reason");
        (await StatesAsync(handle)).ShouldBe(["a Succeeded", "b Failed", "a/undo Failed"]);
    }

    [Fact]
    public async Task Who_waits_for_a_workflow_that_nobody_knows_is_told_so()
    {
        await using var host = await PlayAsync();
        var handle = await RunAsync(host, Chain.Of(new Do("a")));
        (await host.Jobs.DeleteAsync(handle.Id, Cancelled)).ShouldBe(DeleteResult.Deleted);

        (await Should.ThrowAsync<WorkflowFailedException>(handle.WaitAsync(Cancelled))).Message
            .ShouldContain($"Workflow {handle.Id} is not known");
    }
}
