using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>Mistakes in a workflow are reported with the names of the steps, before anything of it is stored.</summary>
public abstract class RefusalTests(IJobDatabase? database) : WorkflowTest(database)
{
    [Fact]
    public Task Steps_in_a_circle()
    {
        var flow = new Workflow();
        var (a, b, c, d) = (flow.Add("a", new Do("a")), flow.Add("b", new Do("b")), flow.Add("c", new Do("c")), flow.Add("d", new Do("d")));
        b.After(a, d);
        c.After(b);
        d.After(c);
        return RefusedAsync(flow, "The steps wait for one another in a circle: b → c → d → b. Take one of these out.");
    }

    [Fact]
    public void A_step_of_another_workflow_and_the_step_itself()
    {
        var (flow, other) = (new Workflow(), new Workflow());
        var (mine, foreign) = (flow.Add("mine", new Do("a")), other.Add("foreign", new Do("b")));

        Should.Throw<ArgumentException>(() => mine.After(foreign)).Message
            .ShouldStartWith("Step 'mine' cannot wait for 'foreign', which is a step of another workflow.");
        Should.Throw<ArgumentException>(() => mine.When(foreign, "x")).Message.ShouldStartWith("Step 'mine' cannot wait for 'foreign'");
        Should.Throw<ArgumentException>(() => mine.After(mine)).Message.ShouldStartWith("Step 'mine' cannot wait for itself.");
    }

    [Fact]
    public Task Two_steps_of_one_name()
    {
        var flow = new Workflow();
        flow.Add("a", new Do("1"));
        flow.Add("a", new Do("2"));
        return RefusedAsync(flow, "Two steps are named 'a'; give each its own name.");
    }

    [Fact]
    public Task Two_steps_of_one_name_in_a_chain() => RefusedAsync(
        Chain.Of("a", new Do("1"))
            .Then(Group.Of(new Do("b")).And("a", new Do("2"))), "Two steps are named 'a'; give each its own name.");

    [Fact]
    public Task Two_steps_of_one_name_by_their_paths()
    {
        var flow = new Workflow();
        flow.Add("a", Chain.Of("b", new Do("1")));
        flow.Add("a/b", new Do("2"));
        return RefusedAsync(flow, "Two steps are named 'a/b'; give each its own name.");
    }

    [Fact]
    public Task A_step_that_bears_the_name_of_the_one_for_the_end() => RefusedAsync(
        Chain.Of("end", new Do("1")).Finally("end", new Do("2")), "Two steps are named 'end'; give each its own name.");

    [Fact]
    public async Task An_undo_makes_way_for_a_step_that_bears_its_name()
    {
        await using var host = await PlayAsync();

        var handle = await RunAsync(host, Chain.Of("a", new Do("1"), undo: new Do("undo")).Then("a/undo", new Do("2")));

        (await StatesAsync(handle)).ShouldBe(["a Succeeded", "a/undo Succeeded", "a/undo-2 Skipped"]);
    }

    [Fact]
    public Task A_result_that_nobody_gives() => RefusedAsync(
        Chain.Of(new Do("a")).Then("send", new Ship()),
            "Step 'send' (ship): its handler takes a Receipt, which no step before it gives: make one of their jobs an IJob<Receipt>.");

    [Fact]
    public Task A_result_for_the_first_step() =>
        RefusedAsync(Chain.Of("send", new Ship()),
            "Step 'send' (ship): its handler takes a Receipt, but it comes after no step that could give one.");

    [Fact]
    public Task A_result_of_a_step_that_only_stands_beside_it() => RefusedAsync(
        Chain.Of(new Do("a")).Then(Group.Of(new Pay("1"), new Ship())),
            "Step 'ship' (ship): its handler takes a Receipt, which no step before it gives");

    [Fact]
    public Task A_result_of_another_type() => RefusedAsync(
        Chain.Of(new Measure(1)).Then(new Ship()),
            "Step 'ship' (ship): its handler takes a Receipt, which no step before it gives: make one of their jobs an IJob<Receipt>.");

    [Fact]
    public Task A_list_that_nobody_gives() => RefusedAsync(
        Chain.Of(new Pay("1")).Then(new AddUp()),
        "Step 'add-up' (add-up): its handler takes an IReadOnlyList<Share>, which no step before it gives. If a step adds such steps at "
            + "run time, say so on its job: [Job(Adds = typeof(Share))].");

    [Fact]
    public Task A_result_that_two_give_at_the_same_distance() => RefusedAsync(
        Chain.Of(Group.Of<Receipt>().And("one", new Pay("1")).And("two", new Pay("2"))).Then(new Ship()),
        "Step 'ship' (ship): its handler takes a Receipt, and 'one' and 'two' give one at the same distance. Ask for it by the step's "
            + "name: await context.ResultAsync<Receipt>(\"one\").");

    [Fact]
    public Task An_undo_of_what_gives_nothing() => RefusedAsync(
        Chain.Of("a", new Do("a"), undo: new Refund()),
            "Step 'a/undo' (refund): its handler takes a Receipt, which no step before it gives");

    [Fact]
    public Task A_result_for_the_end_that_nobody_gives() => RefusedAsync(
        Chain.Of(new Do("a")).Finally(new Ship()), "Step 'finally' (ship): its handler takes a Receipt, which no step before it gives");

    /// <summary>Options of a step that are refused, and the message for each.</summary>
    public static TheoryData<EnqueueOptions, string> Options => new()
    {
        { new EnqueueOptions { Id = new JobId(new Guid(1, 2, 3, new byte[8])) },
            "Step 'a' is given an id; a step has neither of its own. To enqueue a workflow once, give it an id: WorkflowOptions.Id = "
            + "WorkflowId.For(...)." },
        { new EnqueueOptions { UniqueKey = "k" }, "Step 'a' is given a unique key; a step has neither of its own." },
        { new EnqueueOptions { Delay = TimeSpan.FromSeconds(1), DueAt = Some.Moment }, "Delay and DueAt are both set; set one of them." },
        { new EnqueueOptions { Delay = TimeSpan.FromSeconds(-1) }, "Delay is negative; it takes zero or more." },
        { new EnqueueOptions { Priority = 5_000 }, "Priority is 5,000; it takes -1,000 to 1,000." },
        { new EnqueueOptions { MaxAttempts = 0 }, "MaxAttempts is 0; it takes 1 to" },
        { new EnqueueOptions { TimeLimit = TimeSpan.Zero },
            "TimeLimit is 00:00:00; it takes 1 millisecond or more, or Timeout.InfiniteTimeSpan for no limit." },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public Task Options_that_a_step_cannot_have(EnqueueOptions options, string message) =>
        RefusedAsync(Chain.Of(new Do("first")).Then("a", new Do("a"), options: options), message);

    [Fact]
    public Task A_queue_that_nobody_declared() => RefusedAsync<InvalidOperationException>(
        Chain.Of(new Do("a"), options: new EnqueueOptions { Queue = "mial" }), "Queue 'mial' is not declared; did you mean 'mail'?",
            static s => s.AddQueue("mail"));

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public async Task A_name_that_is_none(string name)
    {
        const string message = "it takes 1 to 200 characters without control characters.";
        Should.Throw<ArgumentException>(() => new Workflow().Add(name, new Do("a"))).Message.ShouldContain(message);
        Should.Throw<ArgumentException>(() => new Workflow().Add("a", new Do("a")).When(new Workflow().Add("b", new Do("b")), name)).Message
            .ShouldContain("A branch is");
        Should.Throw<ArgumentException>(() => JobVerdict.Branch(name)).Message.ShouldContain(message);
        await RefusedAsync(Chain.Of(name, new Do("a")), message);
        await RefusedAsync(Chain.Of(new Do("a")).Finally(name, new Do("b")), message);
    }

    [Fact]
    public void A_name_that_is_null()
    {
        string none = null!;
        Action[] calls =
        [
            () => new Workflow().Add(none, new Do("a")), () => new Workflow().Finally(none, new Do("b")),
            () => Chain.Of(none, new Do("a")), () => Chain.Of(new Do("a")).Then(none, new Do("b")),
            () => Chain.Of(new Do("a")).OnFailure(none, new Do("b")), () => Group.Of().And(none, new Do("a")),
        ];

        foreach (var call in calls)
        {
            Should.Throw<ArgumentNullException>(call).ParamName.ShouldBe("name");
        }
    }

    [Fact]
    public void A_name_that_is_too_long_and_a_choice_without_branches()
    {
        var flow = new Workflow();
        var a = flow.Add(new string('a', 200), new Do("a"));

        Should.Throw<ArgumentException>(() => flow.Add(new string('a', 201), new Do("a"))).Message
            .ShouldContain("(201 characters); it takes 1 to 200 characters");
        Should.Throw<ArgumentException>(() => flow.Add("b", new Do("b")).When(a)).Message
            .ShouldStartWith("When takes at least one branch; to wait for a step whatever it returns, use After.");
        Should.Throw<ArgumentOutOfRangeException>(() => a.On((StepRule)9)).Message
            .ShouldContain("There is no such rule; there are AllSucceeded, AnyFailed, AllDone, NoneFailed.");
    }

    [Fact]
    public async Task A_workflows_name_that_is_none()
    {
        await RefusedAsync(new Workflow(string.Empty), "The workflow's name has 0 characters; it takes 1 to 200 without NUL.");
        await RefusedAsync(new Workflow(new string('a', 201)), "The workflow's name has 201 characters");
        await RefusedAsync(new Workflow("a\0b"), "it takes 1 to 200 without NUL.");
    }

    [Fact]
    public void A_workflow_is_no_part_of_another()
    {
        var flow = new Workflow();

        Should.Throw<ArgumentException>(() => Chain.Of(flow)).Message
            .ShouldStartWith("A workflow cannot be a part of a chain; chains and groups can.");
        Should.Throw<ArgumentException>(() => Chain.Of(new Do("a")).Then(flow)).Message
            .ShouldStartWith("A workflow cannot be a part of a chain");
        Should.Throw<ArgumentException>(() => Group.Of(Chain.Of(new Do("a")), flow)).Message
            .ShouldStartWith("A workflow cannot be a part of a group; chains and groups can.");
        Should.Throw<ArgumentException>(() => new Workflow().Add("a", flow)).Message
            .ShouldStartWith("A workflow cannot be a step of another; chains and groups can.");
    }

    [Fact]
    public async Task A_kind_that_is_not_registered()
    {
        await RefusedAsync<InvalidOperationException>(Chain.Of(new Do("a")).Then(new Unknown()), "Job Unknown is not registered.");
        await RefusedAsync<InvalidOperationException>(Chain.Of(new Do("a"), undo: new Unknown()), "Job Unknown is not registered.");
        await RefusedAsync<InvalidOperationException>(Chain.Of(new Do("a")).OnFailure(new Unknown()), "Job Unknown is not registered.");
    }

    private Task RefusedAsync(WorkflowElement workflow, string message, Action<SimmerBuilder>? more = null) =>
        RefusedAsync<ArgumentException>(workflow, message, more);

    /// <summary>Refused with this fault, nothing is stored, and what is right goes in afterwards.</summary>
    private async Task RefusedAsync<TException>(WorkflowElement workflow, string message, Action<SimmerBuilder>? more = null)
        where TException : Exception
    {
        await using var host = await PlayAsync(more);

        var error = await Should.ThrowAsync<TException>(() => host.Jobs.EnqueueAsync(workflow, cancellationToken: Cancelled));

        error.Message.ShouldContain(message);
        await ShouldHoldNothingAsync(host);
        var right = await RunAsync(host, Chain.Of(new Do("right")));
        (await host.Jobs.DeleteAsync(right.Id, Cancelled)).ShouldBe(DeleteResult.Deleted);
    }

    public sealed record Unknown : IJob;
}
