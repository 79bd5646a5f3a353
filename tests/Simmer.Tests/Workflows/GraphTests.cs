using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>Named steps that wait for one another in any way.</summary>
public abstract class GraphTests(IJobDatabase? database) : WorkflowTest(database)
{
    [Fact]
    public async Task A_step_waits_for_all_that_it_comes_after()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow("checkout");
        var pay = flow.Add("pay", new Pay("1"));
        var stock = flow.Add("stock", new Do("stock")).After(pay);
        var invoice = flow.Add("invoice", new Do("invoice") { Waits = true }).After(pay);
        flow.Add("mail", new Ship()).After(stock, invoice);

        var handle = await host.Jobs.EnqueueAsync(flow, cancellationToken: Cancelled);
        await host.Jobs.WaitAsync(handle.Id.Step(2), Cancelled);
        await Play.Started("invoice").WaitAsync();
        (await StatesAsync(handle)).ShouldBe(["pay Succeeded", "stock Succeeded", "invoice Running", "mail Waiting"]);
        Play.Release("invoice");
        var end = await handle.WaitAsync(Cancelled);

        end.Name.ShouldBe("checkout");
        Play.Notes.ToArray()[^1].ShouldBe("ship R1");
    }

    [Fact]
    public async Task A_step_may_wait_for_one_that_is_added_later()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow();
        var last = flow.Add("last", new Do("last"));
        var middle = flow.Add("middle", new Do("middle"));
        var first = flow.Add("first", new Do("first"));
        last.After(middle);
        middle.After(first);

        await RunAsync(host, flow);

        Play.Notes.ShouldBe(["first", "middle", "last"]);
    }

    [Fact]
    public async Task Chains_and_groups_are_steps_and_their_names_are_paths()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow();
        var pay = flow.Add("pay", new Pay("1"));
        var measured = flow.Add("parts", Group.Of(new Measure(1)).And("second", new Measure(2))).After(pay);
        flow.Add("report", Chain.Of(new AddUp()).Then("tell", new Tell()).Finally(new Do("end"))).After(measured);

        var handle = await RunAsync(host, flow);

        (await StatesAsync(handle))
            .ShouldBe(["pay Succeeded", "parts/measure Succeeded", "parts/second Succeeded", "report/add-up Succeeded",
            "report/tell Succeeded", "report/finally Succeeded"]);
        Play.Notes.ToArray()[^2..].ShouldBe(["tell 3", "end"]);
    }

    [Fact]
    public async Task Steps_without_a_name_are_named_after_their_kind_and_make_way_for_those_with_one()
    {
        await using var host = await PlayAsync();

        var handle = await RunAsync(host,
            Chain.Of(new Do("a")).Then("do", new Do("b")).Then(new Do("c")).Then("do-2", new Do("d")));

        (await handle.GetStepsAsync(Cancelled)).Select(static s => s.Name).ShouldBe(["do-3", "do", "do-4", "do-2"]);
    }

    /// <summary>For each way in which the parent ends: whether a step of each rule runs after it.</summary>
    public static TheoryData<string, bool, bool, bool, bool> Rules => new()
    {
        { "succeeds", true, false, true, true },
        { "fails", false, true, true, false },
        { "cancels", false, true, true, false },
        { "is skipped by a rule", false, false, true, true },
        { "is skipped for a failure", false, false, true, false },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_rule_decides_by_how_the_parent_ended(string parent, bool allSucceeded, bool anyFailed, bool allDone,
        bool noneFailed)
    {
        await using var host = await PlayAsync();
        var flow = new Workflow();
        var ended = parent switch
        {
            "succeeds" => flow.Add("parent", new Do("p")),
            "fails" => flow.Add("parent", new Do("p") { Fails = "no" }),
            "cancels" => flow.Add("parent", new Do("p") { Cancels = "no" }),
            "is skipped by a rule" => flow.Add("parent", new Do("p")).After(flow.Add("first", new Do("f"))).On(StepRule.AnyFailed),
            _ => flow.Add("parent", new Do("p")).After(flow.Add("first", new Do("f") { Fails = "no" })),
        };
        foreach (var rule in Enum.GetValues<StepRule>())
        {
            flow.Add($"{rule}", new Do($"{rule}")).After(ended).On(rule);
        }

        var handle = await host.Jobs.EnqueueAsync(flow, cancellationToken: Cancelled);
        await host.Jobs.WaitAsync(handle.Id, Cancelled);

        var ran = (await handle.GetStepsAsync(Cancelled)).Where(static s => s.Job.State == JobState.Succeeded)
            .Select(static s => s.Name).ToList();
        (ran.Contains("AllSucceeded"), ran.Contains("AnyFailed"), ran.Contains("AllDone"), ran.Contains("NoneFailed"))
            .ShouldBe((allSucceeded, anyFailed, allDone, noneFailed));
    }

    [Fact]
    public async Task A_rule_waits_until_all_parents_are_final()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow();
        var fails = flow.Add("fails", new Do("fails") { Fails = "no" });
        var waits = flow.Add("waits", new Do("waits") { Waits = true });
        flow.Add("alarm", new Do("alarm")).After(fails, waits).On(StepRule.AnyFailed);

        var handle = await host.Jobs.EnqueueAsync(flow, cancellationToken: Cancelled);
        await host.Jobs.WaitAsync(handle.Id.Step(1), Cancelled);
        await Play.Started("waits").WaitAsync();
        (await StatesAsync(handle)).ShouldBe(["fails Failed", "waits Running", "alarm Waiting"]);
        Play.Release("waits");

        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Failed);
        (await StepAsync(handle, "alarm")).Job.State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task A_branch_goes_on_and_the_others_are_skipped()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow();
        var choose = flow.Add("choose", new Do("choose") { Branch = "large" });
        var small = flow.Add("small", new Do("small")).When(choose, "small");
        var large = flow.Add("large", new Do("large")).When(choose, "large", "huge");
        var smallToo = flow.Add("small too", new Do("small too")).After(small);
        flow.Add("always", new Do("always")).After(choose);
        flow.Add("join", new Do("join")).After(smallToo, large).On(StepRule.NoneFailed);

        var handle = await RunAsync(host, flow);

        (await StatesAsync(handle))
            .ShouldBe(["choose Succeeded", "small Skipped", "large Succeeded", "small too Skipped", "always Succeeded", "join Succeeded"]);
        (await StepAsync(handle, "choose")).Branch.ShouldBe("large");
    }

    [Fact]
    public async Task A_branch_comes_with_a_result()
    {
        await using var host = await PlayAsync(static s => s
            .AddJob(static (TakePayment job, CancellationToken _) => Task
            .FromResult(JobVerdict.Branch("paid", new Receipt($"R{job.Amount}")))));
        var flow = new Workflow();
        var pay = flow.Add("pay", new TakePayment(5));
        flow.Add("ship", new Ship()).When(pay, "paid");
        flow.Add("remind", new Do("remind")).When(pay, "unpaid");

        var handle = await RunAsync(host, flow);

        Play.Notes.ShouldBe(["ship R5"]);
        (await StepAsync(handle, "remind")).Job.State.ShouldBe(JobState.Skipped);
    }

    [Fact]
    public async Task A_step_that_returns_no_branch_skips_all_that_wait_for_one()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow();
        var choose = flow.Add("choose", new Do("choose"));
        flow.Add("a", new Do("a")).When(choose, "a");

        (await StatesAsync(await RunAsync(host, flow))).ShouldBe(["choose Succeeded", "a Skipped"]);
    }

    [Fact]
    public async Task A_branch_that_nobody_waits_for_fails_the_attempt_and_names_the_nearest()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow();
        var choose = flow.Add("choose", new Do("choose") { Branch = "lagre" });
        flow.Add("small", new Do("small")).When(choose, "small");
        flow.Add("large", new Do("large")).When(choose, "large");

        var handle = await RunAsync(host, flow, WorkflowState.Failed);

        (await StepAsync(handle, "choose")).Job.Errors[^1].Message.ShouldBe(
            "The handler returned the branch 'lagre', which no step after 'choose' waits for; did you mean 'large'? Known branches: "
                + "'small', 'large'.");
        (await StatesAsync(handle)).ShouldBe(["choose Failed", "small Skipped", "large Skipped"]);
    }

    [Fact]
    public async Task A_branch_of_a_step_after_which_nobody_chooses_does_not_matter()
    {
        await using var host = await PlayAsync();

        await RunAsync(host, Chain.Of(new Do("a") { Branch = "whatever" }).Then(new Do("b")));
        await (await host.Jobs.EnqueueAsync(new Do("alone") { Branch = "whatever" }, cancellationToken: Cancelled)).WaitAsync(Cancelled);

        Play.Notes.ShouldBe(["a", "b", "alone"]);
    }

    [Fact]
    public async Task The_undos_of_a_workflow_run_in_reverse_order_of_what_waited_for_what()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow();
        var third = flow.Add("third", new Do("3") { Fails = "no" }, undo: new Do("never"));
        var second = flow.Add("second", new Do("2"), undo: new Do("undo 2"));
        var first = flow.Add("first", new Pay("1"), undo: new Refund());
        third.After(second);
        second.After(first);
        flow.OnFailure(new Do("alarm")).Finally(new Do("end"));

        await RunAsync(host, flow, WorkflowState.Failed);

        Play.Notes.ShouldBe(["pay 1", "2", "3", "undo 2", "refund R1", "alarm", "end"]);
    }

    [Fact]
    public async Task An_undo_waits_for_everything_that_still_runs()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow();
        flow.Add("book", new Do("book"), undo: new Do("unbook"));
        flow.Add("fails", new Do("fails") { Fails = "no" });
        flow.Add("slow", new Do("slow") { Waits = true }, undo: new Do("undo slow"));

        var handle = await host.Jobs.EnqueueAsync(flow, cancellationToken: Cancelled);
        await Play.Started("slow").WaitAsync();
        await host.Jobs.WaitAsync(handle.Id.Step(2), Cancelled);
        (await StepAsync(handle, "book/undo")).Job.State.ShouldBe(JobState.Waiting);
        Play.Release("slow");

        (await EndAsync(host, handle)).ShouldBe(WorkflowState.Failed);
        Play.Notes.ToArray()[^2..].ShouldBe(["undo slow", "unbook"]);
    }

    [Fact]
    public async Task Hundreds_of_workflows_at_once_come_to_their_ends()
    {
        await using var host = await PlayAsync();
        var handles = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => host.Jobs.EnqueueAsync(
            Chain.Of(new Split(i % 4), undo: new Do($"undo {i}")).Then(new AddUp())
                .Then(Group.Of(Enumerable.Range(0, i % 5).Select(static m => new Do("member"))))
                .Then(new Do("join") { Fails = i % 3 == 0 ? "no" : null }).Finally(new Do($"end {i}")),
            cancellationToken: Cancelled)));

        var ends = await Task.WhenAll(handles.Select(h => host.Jobs.WaitAsync(h.Id, Cancelled)));

        ends.Select(static e => e!.State)
            .ShouldBe(Enumerable.Range(0, 300).Select(static i => i % 3 == 0 ? WorkflowState.Failed : WorkflowState.Succeeded));
        Play.Notes.Count(static n => n.StartsWith("undo", StringComparison.Ordinal)).ShouldBe(100);
        Play.Notes.Where(static n => n.StartsWith("end", StringComparison.Ordinal)).Distinct().Count().ShouldBe(300);
        Play.Notes.Count(static n => n == "join").ShouldBe(300);
    }

    [Fact]
    public async Task A_workflow_is_enqueued_once_for_its_id()
    {
        await using var host = await PlayAsync();
        var options = new WorkflowOptions { Id = WorkflowId.For("order-1") };

        var first = await host.Jobs.EnqueueAsync(Chain.Of(new Pay("1")), options, Cancelled);
        (await first.WaitAsync(Cancelled)).Number.ShouldBe("R1");
        var second = await host.Jobs.EnqueueAsync(Chain.Of(new Pay("1")), options, Cancelled);

        (first.IsDuplicate, second.IsDuplicate, second.Id, second.State).ShouldBe((false, true, first.Id, WorkflowState.Succeeded));
        (await second.WaitAsync(Cancelled)).Number.ShouldBe("R1");
        Play.Notes.ShouldBe(["pay 1"]);
    }

    [Fact]
    public async Task One_workflow_object_enqueued_twice_is_two_workflows()
    {
        await using var host = await PlayAsync();
        var flow = new Workflow("twice");
        var a = flow.Add("a", new Do("a"), undo: new Do("undo"));
        flow.Add("b", new Do("b")).After(a);
        flow.Finally(new Do("end"));

        var first = await RunAsync(host, flow);
        var second = await RunAsync(host, flow);

        (first.Id == second.Id).ShouldBeFalse();
        Play.Notes.ShouldBe(["a", "b", "end", "a", "b", "end"]);
        (await StatesAsync(second)).ShouldBe(await StatesAsync(first));
    }
}
