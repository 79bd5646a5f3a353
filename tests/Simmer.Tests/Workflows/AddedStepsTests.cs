using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>Steps that a running step adds.</summary>
public abstract class AddedStepsTests(IJobDatabase? database) : WorkflowTest(database)
{
    [Fact]
    public async Task Whoever_waits_for_a_step_waits_for_those_it_added_as_well_and_takes_their_results_in_order()
    {
        await using var host = await PlayAsync();

        var handle = await host.Jobs.EnqueueAsync(Chain.Of("split", new Split(5)).Then(new AddUp()), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Sum.ShouldBe(15);
        Play.Notes.ToArray()[^1].ShouldBe("add up 1+2+3+4+5");
        (await handle.GetStepsAsync(Cancelled)).Select(static s => s.Name).ShouldBe(
            ["split", "add-up", "split/measure-1", "split/measure-2", "split/measure-3", "split/measure-4", "split/measure-5"]);
        var split = await StepAsync(handle, "split");
        (split.FirstAdded, split.Added, (await handle.GetAsync(Cancelled))!.StepCount).ShouldBe((3, 5, 7));
    }

    [Fact]
    public async Task Added_steps_that_give_something_else_do_not_hide_a_group_further_up()
    {
        await using var host = await PlayAsync(static s => s.AddJob(static (Custom _, JobContext context, CancellationToken token) =>
        {
            context.AddStep(new Do("note"));
            return Task.CompletedTask;
        }));

        await RunAsync(host, Chain.Of(Group.Of(new Measure(5))).Then(new Custom("x")).Then(new AddUp()));

        Play.Notes.ShouldBe(["measure 5", "note", "add up 5"]);
    }

    [Fact]
    public async Task A_step_that_adds_none_gives_an_empty_list()
    {
        await using var host = await PlayAsync();

        var handle = await host.Jobs.EnqueueAsync(Chain.Of(new Split(0)).Then(new AddUp()), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Sum.ShouldBe(0);
    }

    [Fact]
    public async Task Steps_added_by_the_members_of_a_group_come_in_the_order_of_the_members()
    {
        await using var host = await PlayAsync(s => s.AddJob((Custom job, JobContext context, CancellationToken _) =>
        {
            var from = int.Parse(job.What, System.Globalization.CultureInfo.InvariantCulture);
            context.AddStep(new Measure(from));
            context.AddStep(new Measure(from + 1));
            return Task.CompletedTask;
        }));

        var handle = await RunAsync(host, Chain.Of(Group.Of(new Custom("10"), new Custom("20"), new Custom("30"))).Then(new AskAll()));

        Play.Notes.ToArray()[^1].ShouldBe("10+11+20+21+30+31");
        (await StatesAsync(handle)).Length.ShouldBe(10);
    }

    [Fact]
    public async Task An_added_step_may_add_steps_and_take_results()
    {
        await using var host = await PlayAsync(s => s.AddJob((Custom job, Receipt receipt, JobContext context, CancellationToken _) =>
        {
            if (job.What.Length < 3)
            {
                context.AddStep("next", new Custom(job.What + "x"));
            }

            return Play.Note($"{context.StepName} {receipt.Number}");
        }));

        var handle = await RunAsync(host, Chain.Of(new Pay("1")).Then("c", new Custom("x")).Then(new Do("last")));

        Play.Notes.ShouldBe(["pay 1", "c R1", "c/next R1", "c/next/next R1", "last"]);
        (await StepAsync(handle, "c/next/next")).Number.ShouldBe(5);
    }

    [Fact]
    public async Task Added_steps_wait_for_one_another()
    {
        await using var host = await PlayAsync(static s => s.AddJob(static (Custom _, JobContext context, CancellationToken _) =>
        {
            var last = context.AddStep("last", new Ship());
            var alarm = context.AddStep("alarm", new Do("alarm"));
            Step<Receipt> pay = context.AddStep("pay", new Pay("1"));
            last.After(pay);
            alarm.After(pay, last).On(StepRule.AnyFailed);
            return Task.CompletedTask;
        }));

        var handle = await RunAsync(host, Chain.Of("c", new Custom("x")).Then("end", new Do("end")), WorkflowState.Succeeded);

        Play.Notes.ShouldBe(["pay 1", "ship R1"]);
        (await StatesAsync(handle)).ShouldBe(["c Succeeded", "end Skipped", "c/last Succeeded", "c/alarm Skipped", "c/pay Succeeded"]);
    }

    [Fact]
    public async Task An_added_step_is_chosen_by_a_branch()
    {
        await using var host = await PlayAsync(static s => s.AddJob(static (Custom _, JobContext context, CancellationToken _) =>
        {
            var choose = context.AddStep("choose", new Do("choose") { Branch = "left" });
            context.AddStep("left", new Do("left")).When(choose, "left");
            context.AddStep("right", new Do("right")).When(choose, "right");
            return Task.CompletedTask;
        }));

        var handle = await RunAsync(host, Chain.Of("c", new Custom("x")));

        (await StatesAsync(handle)).ShouldBe(["c Succeeded", "c/choose Succeeded", "c/left Succeeded", "c/right Skipped"]);
    }

    [Fact]
    public async Task A_failure_among_added_steps_fails_what_waits_for_them_and_undoes_the_rest()
    {
        await using var host = await PlayAsync(static s => s.AddJob(static (Custom _, JobContext context, CancellationToken _) =>
        {
            context.AddStep(new Do("good"));
            context.AddStep(new Do("bad") { Fails = "no" });
            return Task.CompletedTask;
        }));

        var handle = await RunAsync(host, Chain.Of(new Pay("1"), undo: new Refund()).Then("c", new Custom("x"))
            .Then("end", new Do("end")), WorkflowState.Failed);

        Play.Notes.ToArray()[^1].ShouldBe("refund R1");
        (await StepAsync(handle, "end")).Job.State.ShouldBe(JobState.Skipped);
    }

    [Fact]
    public async Task An_attempt_that_is_retried_does_not_add_twice()
    {
        await using var host = await PlayAsync(s => s.AddJob(
            static (Custom _, JobContext context, CancellationToken _) =>
            {
                context.AddStep("added", new Do("added"));
                return context.Attempt == 1 ? throw new InvalidOperationException("again") : Task.CompletedTask;
            },
            static o => o.Retry = RetryPolicy.Immediate));

        var handle = await RunAsync(host, Chain.Of("c", new Custom("x")));

        Play.Notes.ShouldBe(["added"]);
        (await StatesAsync(handle)).ShouldBe(["c Succeeded", "c/added Succeeded"]);
    }

    [Fact]
    public async Task An_attempt_that_snoozes_adds_nothing()
    {
        var snoozed = false;
        await using var host = await PlayAsync(s => s.AddJob((Custom _, JobContext context, CancellationToken _) =>
        {
            context.AddStep("added", new Do("added"));
            var answer = snoozed ? JobVerdict.Success : JobVerdict.Snooze(TimeSpan.Zero);
            snoozed = true;
            return Task.FromResult(answer);
        }));

        await RunAsync(host, Chain.Of(new Custom("x")));

        Play.Notes.ShouldBe(["added"]);
    }

    [Theory]
    [InlineData("fails", WorkflowState.Failed)]
    [InlineData("cancels", WorkflowState.Cancelled)]
    public async Task A_step_that_does_not_succeed_adds_nothing(string how, WorkflowState end)
    {
        await using var host = await PlayAsync(s => s.AddJob((Custom _, JobContext context, CancellationToken _) =>
        {
            context.AddStep(new Do("added"));
            return Task.FromResult(how == "fails" ? JobVerdict.Fail("no") : JobVerdict.Cancel("no"));
        }));

        var handle = await RunAsync(host, Chain.Of(new Custom("x")), end);

        (await StatesAsync(handle)).Length.ShouldBe(1);
        Play.Notes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_workflow_that_is_being_cancelled_takes_no_steps_any_more()
    {
        var (started, release) = (new Signal(), new Signal());
        await using var host = await PlayAsync(s => s.AddJob(async (Custom _, JobContext context, CancellationToken _) =>
        {
            context.AddStep(new Do("added"));
            started.Set();
            await release.WaitAsync();
        }));
        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of("c", new Custom("x")).Then("b", new Do("b")), cancellationToken: Cancelled);
        await started.WaitAsync();

        (await handle.CancelAsync(cancellationToken: Cancelled)).ShouldBe(CancelResult.Requested);
        release.Set();

        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Cancelled);
        (await StatesAsync(handle)).ShouldBe(["c Succeeded", "b Cancelled"]);
    }

    [Fact]
    public async Task An_added_step_has_options_of_its_own()
    {
        await using var host = await PlayAsync(static s => s.AddQueue("side")
            .AddJob(static (Custom _, JobContext context, CancellationToken _) =>
        {
            context.AddStep("added", new Do("added"),
                new EnqueueOptions { Queue = "side", Priority = 7, MaxAttempts = 9, Tags = ["t"], Delay = TimeSpan.FromHours(1) });
            return Task.CompletedTask;
        }));

        var handle = await host.Jobs.EnqueueAsync(Chain.Of("c", new Custom("x")), cancellationToken: Cancelled);
        var adder = (await host.Jobs.WaitAsync(handle.Id.Step(1), Cancelled))!;

        var added = (await StepAsync(handle, "c/added")).Job;
        (added.Queue, added.Priority, added.MaxAttempts, added.Tags.Single(), added.State)
            .ShouldBe(("side", 7, 9, "t", JobState.Scheduled));
        added.DueAt!.Value.ShouldBe(adder.FinishedAt!.Value.AddHours(1), TimeSpan.FromSeconds(1));
        (await handle.CancelAsync(cancellationToken: Cancelled)).ShouldBe(CancelResult.Cancelled);
    }

    [Fact]
    public async Task A_job_that_stands_alone_cannot_add_steps()
    {
        await using var host = await PlayAsync(static s => s.AddJob(static (Custom _, JobContext context, CancellationToken _) =>
        {
            context.AddStep(new Do("added"));
            return Task.CompletedTask;
        }));

        var handle = await host.Jobs.EnqueueAsync(new Custom("x"), cancellationToken: Cancelled);

        var job = (await host.Jobs.WaitAsync(handle.Id, Cancelled))!;
        (job.State, job.Attempt, job.Reason).ShouldBe(
            (JobState.Failed, 1,
                $"Job {handle.Id} (custom) adds a step, but it is no step of a workflow. Enqueue it as one, if need be alone: "
                + "Chain.Of(job)."));
    }

    /// <summary>Mistakes in the steps that a step adds, and the message for each.</summary>
    public static TheoryData<string, string> Wrong => new()
    {
        { "two names", "Step 'c' adds two steps named 'same'; give each its own name." },
        { "a circle", "The steps wait for one another in a circle: c/a → c/b → c/a. Take one of these out." },
        { "an id", "Step 'c/a' is given an id; a step has neither of its own." },
        { "no name", "A step's name is '' (0 characters); it takes 1 to 200 characters without control characters." },
        { "not registered", "Job Unknown is not registered." },
        { "no queue", "Queue 'sied' is not declared; did you mean 'side'? Declare it with AddQueue(\"sied\")." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_cannot_be_added_fails_the_attempt_with_the_reason(string what, string message)
    {
        await using var host = await PlayAsync(s => s.AddQueue("side").AddJob(
            (Custom _, JobContext context, CancellationToken _) =>
            {
                AddWrongly(context, what);
                return Task.CompletedTask;
            },
            static o => o.MaxAttempts = 1));

        var handle = await RunAsync(host, Chain.Of("c", new Custom("x")), WorkflowState.Failed);

        var step = await StepAsync(handle, "c");
        step.Job.Errors[^1].Message.ShouldStartWith(message);
        (await StatesAsync(handle)).Length.ShouldBe(1);
        Play.Notes.ShouldBeEmpty();
    }

    private static void AddWrongly(JobContext context, string what)
    {
        switch (what)
        {
            case "two names":
                context.AddStep("same", new Do("1"));
                context.AddStep("same", new Do("2"));
                break;
            case "a circle":
                var a = context.AddStep("a", new Do("a"));
                a.After(context.AddStep("b", new Do("b")).After(a));
                break;
            case "an id":
                context.AddStep("a", new Do("a"), new EnqueueOptions { Id = new JobId(Guid.NewGuid()) });
                break;
            case "no name":
                context.AddStep(string.Empty, new Do("a"));
                break;
            case "not registered":
                context.AddStep(new Unknown());
                break;
            default:
                context.AddStep(new Do("a"), options: new EnqueueOptions { Queue = "sied" });
                break;
        }
    }

    public sealed record Unknown : IJob;
}
