using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>The results of earlier steps reach later ones.</summary>
public abstract class ResultTests(IJobDatabase? database) : WorkflowTest(database)
{
    [Fact]
    public async Task A_handler_takes_the_result_of_the_step_before_it()
    {
        await using var host = await PlayAsync();

        await RunAsync(host, Chain.Of(new Pay("1")).Then(new Ship()));

        Play.Notes.ShouldBe(["pay 1", "ship R1"]);
    }

    [Fact]
    public async Task A_handler_takes_the_result_of_a_step_further_up()
    {
        await using var host = await PlayAsync();

        await RunAsync(host, Chain.Of(new Pay("1")).Then(new Do("a")).Then(new Measure(3)).Then(new Ship()));

        Play.Notes.ShouldBe(["pay 1", "a", "measure 3", "ship R1"]);
    }

    [Fact]
    public async Task Of_two_that_give_it_the_nearest_counts()
    {
        await using var host = await PlayAsync();

        await RunAsync(host, Chain.Of("far", new Pay("far")).Then("near", new Pay("near")).Then(new Do("a")).Then(new Ship()));

        Play.Notes.ShouldBe(["pay far", "pay near", "a", "ship Rnear"]);
    }

    [Fact]
    public async Task A_handler_takes_results_that_are_values()
    {
        await using var host = await PlayAsync(s => s
            .AddJob(static (Count job, CancellationToken _) => Task.FromResult(job.Number))
            .AddJob((Custom _, int count, IReadOnlyList<int> counts, CancellationToken _) => Play.Note($"{count} of {counts.Count}")));

        await RunAsync(host, Chain.Of(new Count(7)).Then(new Custom("all")));

        Play.Notes.ToArray()[^1].ShouldBe("7 of 1");
    }

    [Fact]
    public async Task A_step_is_found_by_its_name_on_the_handle()
    {
        await using var host = await PlayAsync();

        var handle = await RunAsync(host, Chain.Of("pay first", new Pay("1")).Then(new Ship()));

        (await handle.GetStepAsync("pay first", Cancelled))!.Job.Id.ShouldBe(handle.Id.Step(1));
        (await handle.GetStepAsync("ship", Cancelled))!.Job.State.ShouldBe(JobState.Succeeded);
        (await handle.GetStepAsync("Ship", Cancelled)).ShouldBeNull();
    }

    private sealed record Count(int Number) : IJob<int>;

    [Fact]
    public async Task A_handler_takes_several_results_of_several_steps()
    {
        await using var host = await PlayAsync(s => s
            .AddJob((Custom _, Receipt receipt, JobContext context, Total total, IReadOnlyList<Share> shares, CancellationToken _) =>
            Play.Note($"{context.StepName}: {receipt.Number}, {total.Sum} of {shares.Count}")));

        await RunAsync(host, Chain.Of(new Pay("1")).Then(Group.Of(new Measure(1), new Measure(2))).Then(new AddUp())
            .Then("all", new Custom("all")));

        Play.Notes.ToArray()[^1].ShouldBe("all: R1, 3 of 2");
    }

    [Fact]
    public async Task A_handler_class_asks_its_context_by_type()
    {
        var notes = Play;
        await using var host = await PlayAsync(static s => s.AddJob<Custom, Asker>(),
            b => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(b.Services, notes));

        await RunAsync(host, Chain.Of(new Pay("1")).Then(Group.Of(new Measure(4), new Measure(5))).Then(new Custom("by type")));

        Play.Notes.ToArray()[^1].ShouldBe("by type: R1, 4+5");
    }

    [Fact]
    public async Task A_result_is_asked_for_by_the_steps_name()
    {
        await using var host = await PlayAsync(s => s.AddJob(async (Custom _, JobContext context, CancellationToken _) =>
            await Play
                .Note($"{(await context.ResultAsync<Receipt>("first")).Number} {(await context.ResultAsync<Receipt>("second")).Number}")));
        var flow = new Workflow();
        var (first, second) = (flow.Add("first", new Pay("1")), flow.Add("second", new Pay("2")));
        flow.Add("both", new Custom("both")).After(first, second);

        await RunAsync(host, flow);

        Play.Notes.ToArray()[^1].ShouldBe("R1 R2");
    }

    [Theory]
    [InlineData("frist", "Step 'asks' asks for the result of 'frist', which is no step of its workflow; did you mean 'first'?")]
    [InlineData("other", "Step 'asks' asks 'other' for a Receipt, but that gives no result.")]
    [InlineData("sum", "Step 'asks' asks 'sum' for a Receipt, but that gives a Total.")]
    [InlineData("late", "Step 'asks' takes a Receipt from step 'late', which is Waiting and gave none. Where that may happen, ask for it "
        + "with context.ResultOrDefaultAsync.")]
    public async Task A_wrong_name_fails_the_step_once_and_says_why(string name, string why)
    {
        await using var host = await PlayAsync(s => s
            .AddJob(async (Custom _, JobContext context, CancellationToken _) => await context.ResultAsync<Receipt>(name)));
        var chain = Chain.Of("first", new Pay("1")).Then("other", new Do("a")).Then(Group.Of<Share>([]))
            .Then("sum", new AddUp())
            .Then("asks", new Custom("asks")).Then("late", new Pay("2"));

        var handle = await RunAsync(host, chain, WorkflowState.Failed);

        var job = (await StepAsync(handle, "asks")).Job;
        (job.State, job.Reason, job.Attempt, job.MaxAttempts).ShouldBe((JobState.Failed, why, 1, 2));
    }

    [Fact]
    public async Task Of_a_step_that_may_have_failed_or_been_skipped_the_result_or_nothing()
    {
        await using var host = await PlayAsync(s => s.AddJob(async (Custom _, JobContext context, CancellationToken _) => await Play.Note(
            $"{(await context.ResultOrDefaultAsync<Receipt>("paid"))?.Number ?? "none"}, "
                + $"{(await context.ResultOrDefaultAsync<Receipt>("left out"))?.Number ?? "none"}")));
        var flow = new Workflow();
        var paid = flow.Add("paid", new Pay("1"));
        var leftOut = flow.Add("left out", new Pay("2")).After(paid).On(StepRule.AnyFailed);
        flow.Add("asks", new Custom("asks")).After(leftOut).On(StepRule.AllDone);

        await RunAsync(host, flow);

        Play.Notes.ShouldBe(["pay 1", "R1, none"]);
    }

    [Fact]
    public async Task The_result_of_a_step_that_was_skipped_is_missing_and_the_step_that_takes_it_fails_once_with_the_reason()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow();
        var first = flow.Add("first", new Do("a"));
        var pay = flow.Add("pay", new Pay("1")).After(first).On(StepRule.AnyFailed);
        flow.Add("ship", new Ship()).After(pay).On(StepRule.AllDone);

        var handle = await RunAsync(host, flow, WorkflowState.Failed);

        Play.Notes.ShouldBe(["a"]);
        var ship = (await StepAsync(handle, "ship")).Job;
        (ship.State, ship.Attempt).ShouldBe((JobState.Failed, 1));
        ship.MaxAttempts.ShouldBeGreaterThan(1);
        ship.Reason
            .ShouldBe("Step 'ship' takes a Receipt from step 'pay', which is Skipped and gave none. Where that may happen, ask for it "
            + "with context.ResultOrDefaultAsync.");
    }

    [Fact]
    public async Task A_group_gives_the_results_of_those_members_that_succeeded()
    {
        await using var host = await PlayAsync(s => s.AddJob(async (Custom _, JobContext context, CancellationToken _) =>
            await Play.Note(string.Join("+", (await context.ResultsAsync<Share>()).Select(static r => r.Number)))));
        var flow = new Workflow();
        var (one, two, three) = (flow.Add("one", new Measure(1)), flow.Add("two", new Measure(2)), flow.Add("three", new Measure(3)));
        two.After(flow.Add("breaks", new Do("breaks") { Fails = "no" }));
        flow.Add("sum", new Custom("sum")).After(one, two, three).On(StepRule.AllDone);

        await RunAsync(host, flow, WorkflowState.Failed);

        Play.Notes.ToArray()[^1].ShouldBe("1+3");
    }

    [Fact]
    public async Task A_result_is_still_there_when_the_step_that_takes_it_is_retried()
    {
        await using var host = await PlayAsync(s => s.AddJob(
            (Custom _, Receipt receipt, JobContext context, CancellationToken _) =>
            {
                Play.Notes.Enqueue($"attempt {context.Attempt} with {receipt.Number}");
                return context.Attempt < 2 ? throw new InvalidOperationException("again") : Task.CompletedTask;
            },
            static o => o.Retry = RetryPolicy.Immediate));

        await RunAsync(host, Chain.Of(new Pay("1")).Then(new Custom("x")));

        Play.Notes.ShouldBe(["pay 1", "attempt 1 with R1", "attempt 2 with R1"]);
    }

    [Fact]
    public async Task A_result_that_nobody_here_gives_is_named()
    {
        await using var host = await PlayAsync(s => s
            .AddJob(async (Custom _, JobContext context, CancellationToken _) => await context.ResultAsync<Uri>(),
            static o => o.MaxAttempts = 1));

        var handle = await RunAsync(host, Chain.Of(new Custom("x")), WorkflowState.Failed);

        (await StepAsync(handle, "custom")).Job.Errors[^1].Message
            .ShouldBe("No job is registered here that gives a Uri; register the one whose result is wanted with AddJob.");
    }

    [Fact]
    public async Task A_job_that_takes_a_result_is_not_enqueued_alone()
    {
        await using var host = await PlayAsync();

        (await Should.ThrowAsync<InvalidOperationException>(() => host.Jobs.EnqueueAsync(new Ship(), cancellationToken: Cancelled))).Message
            .ShouldBe(
            "Job 'ship' is enqueued alone, but its handler takes a Receipt, which an earlier step of its workflow gives. Enqueue it in a "
                + "chain or a workflow, after a job that gives one.");
        foreach (var engine in host.Node.Engines.All)
        {
            (await engine.Store.Browser.CountAsync(Cancelled)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_step_knows_its_workflow_and_its_name()
    {
        WorkflowId? seen = null;
        await using var host = await PlayAsync(s => s.AddJob((Custom _, JobContext context, CancellationToken _) =>
        {
            seen = context.Workflow;
            return Play.Note(context.StepName ?? "alone");
        }));

        var handle = await RunAsync(host, Chain.Of("this one", new Custom("x")));
        seen.ShouldBe(handle.Id);
        await (await host.Jobs.EnqueueAsync(new Custom("x"), cancellationToken: Cancelled)).WaitAsync(Cancelled);

        seen.ShouldBeNull();
        Play.Notes.ShouldBe(["this one", "alone"]);
    }

    internal sealed class Asker(Play play) : IJobHandler<Custom>
    {
        public async Task HandleAsync(Custom job, JobContext context, CancellationToken cancellationToken) => await play.Note(
            $"{job.What}: {(await context.ResultAsync<Receipt>()).Number}, "
                + $"{string.Join("+", (await context.ResultsAsync<Share>()).Select(static s => s.Number))}");
    }
}
