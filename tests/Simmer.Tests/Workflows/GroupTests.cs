using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

public abstract class GroupTests(IJobDatabase? database) : WorkflowTest(database)
{
    [Fact]
    public async Task Members_run_side_by_side_and_whoever_follows_waits_for_all()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(Group.Of(new Do("a") { Waits = true }, new Do("b") { Waits = true })).Then("last", new Do("c")),
            cancellationToken: Cancelled);
        await Task.WhenAll(Play.Started("a").WaitAsync(), Play.Started("b").WaitAsync());
        Play.Release("a");
        await host.Jobs.WaitAsync(handle.Id.Step(1), Cancelled);
        (await StepAsync(handle, "last")).Job.State.ShouldBe(JobState.Waiting);

        Play.Release("b");
        await handle.WaitAsync(Cancelled);

        Play.Notes.ToArray()[^1].ShouldBe("c");
    }

    [Fact]
    public async Task Results_come_in_the_order_in_which_the_members_were_added_whatever_order_they_end()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(Group.Of(Enumerable.Range(1, 4).Select(static i => new Measure(i, Waits: true)))).Then(new AddUp()),
            cancellationToken: Cancelled);

        foreach (var i in new[] { 3, 1, 4, 2 })
        {
            Play.Release($"measure {i}");
            (await host.Jobs.WaitAsync(handle.Id.Step(i), Cancelled))!.State.ShouldBe(JobState.Succeeded);
        }

        (await handle.WaitAsync(Cancelled)).Sum.ShouldBe(10);
        Play.Notes.ToArray()[^1].ShouldBe("add up 1+2+3+4");
    }

    [Fact]
    public async Task A_group_without_members_succeeds_at_once_with_an_empty_list()
    {
        await using var host = await PlayAsync();

        var handle = await host.Jobs.EnqueueAsync(Chain.Of(Group.Of<Share>([])).Then(new AddUp()), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Sum.ShouldBe(0);
        Play.Notes.ShouldBe(["add up "]);
    }

    [Fact]
    public async Task An_empty_group_in_the_middle_lets_the_chain_go_on_with_what_came_before()
    {
        await using var host = await PlayAsync();
        var chain = Chain.Of(new Pay("1")).Then(Group.Of(new List<IJob<Share>>())).Then(new AddUp()).Then(Group.Of()).Then(new Ship());

        await RunAsync(host, chain);

        Play.Notes.ShouldBe(["pay 1", "add up ", "ship R1"]);
    }

    [Fact]
    public async Task An_empty_group_hides_the_results_of_its_type_before_it()
    {
        await using var host = await PlayAsync();

        await RunAsync(host, Chain.Of(Group.Of(new Measure(5))).Then(Group.Of(new List<IJob<Share>>())).Then(new AddUp()));

        Play.Notes.ShouldBe(["measure 5", "add up "]);
    }

    [Fact]
    public async Task An_empty_group_of_nothing_in_particular_hides_no_results()
    {
        await using var host = await PlayAsync();

        await RunAsync(host, Chain.Of(Group.Of(new Measure(5))).Then(Group.Of(new List<IJob>())).Then(new AddUp()));

        Play.Notes.ShouldBe(["measure 5", "add up 5"]);
    }

    [Fact]
    public async Task A_workflow_of_nothing_has_succeeded()
    {
        await using var host = await PlayAsync();

        foreach (var nothing in new WorkflowElement[] { Group.Of(), Chain.Of(Group.Of()), new Workflow("empty") })
        {
            var handle = await host.Jobs.EnqueueAsync(nothing, cancellationToken: Cancelled);
            var end = await handle.WaitAsync(Cancelled);
            (handle.State, end.StepCount, end.Progress).ShouldBe((WorkflowState.Succeeded, 0, 1));
        }
    }

    [Fact]
    public async Task A_group_of_one_is_a_list_of_one()
    {
        await using var host = await PlayAsync();

        await RunAsync(host, Chain.Of(Group.Of(new Measure(7))).Then(new AddUp()).Then(new Tell()));

        Play.Notes.ShouldBe(["measure 7", "add up 7", "tell 7"]);
    }

    [Fact]
    public async Task A_group_after_a_group_waits_for_all_of_it()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(Group.Of(Enumerable.Range(0, 10).Select(static i => new Do($"first {i}") { Waits = i == 9 })))
                .Then(Group.Of(Enumerable.Range(0, 10).Select(static i => new Do($"second {i}")))),
            cancellationToken: Cancelled);
        await Play.Started("first 9").WaitAsync();
        await Until.True(() => Play.Notes.Count == 10, "the first group runs");
        (await handle.GetAsync(Cancelled))!.Counts[JobState.Waiting].ShouldBe(10);

        Play.Release("first 9");
        await handle.WaitAsync(Cancelled);

        Play.Notes.Skip(10).ShouldAllBe(static n => n.StartsWith("second"));
        Play.Notes.Count.ShouldBe(20);
    }

    [Fact]
    public async Task A_failure_in_a_group_stops_what_follows_and_undoes_the_members_that_had_succeeded()
    {
        await using var host = await PlayAsync();
        var group = Group.Of<Receipt>().And("one", new Pay("1"), undo: new Refund())
            .And(new Do("b") { Fails = "no" }, undo: new Do("never")).And("two", new Pay("2"), undo: new Refund());

        var handle = await RunAsync(host, Chain.Of(group).Then(new Do("c")), WorkflowState.Failed);

        Play.Notes.ToArray()[^2..].ShouldBe(["refund R2", "refund R1"]);
        (await StatesAsync(handle))
            .ShouldBe(["one Succeeded", "do Failed", "two Succeeded", "do-2 Skipped", "two/undo Succeeded", "do/undo Skipped",
            "one/undo Succeeded"]);
    }

    [Fact]
    public async Task Chains_side_by_side_give_the_results_of_their_last_jobs()
    {
        await using var host = await PlayAsync();
        var group = Group.Of(Chain.Of(new Do("a")).Then(new Measure(1)), Chain.Of(new Measure(20)),
            Chain.Of(new Do("c")).Then(new Do("d")).Then(new Measure(300)));

        var handle = await host.Jobs.EnqueueAsync(Chain.Of(group).Then(new AddUp()), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Sum.ShouldBe(321);
        Play.Notes.ToArray()[^1].ShouldBe("add up 1+20+300");
    }

    [Fact]
    public async Task Groups_and_chains_nest()
    {
        await using var host = await PlayAsync();
        var inner = Chain.Of(Group.Of(new Do("a1"), new Do("a2"))).Then(new Do("b"));
        var chain = Chain.Of(new Do("start")).Then(Group.Of(inner, Group.Of(new Do("c1"), new Do("c2")), Chain.Of(new Do("d"))))
            .Then(new Do("end"));

        await RunAsync(host, chain);

        var notes = Play.Notes.ToList();
        (notes.Count, notes[0], notes[^1]).ShouldBe((8, "start", "end"));
        notes.IndexOf("b").ShouldBeGreaterThan(Math.Max(notes.IndexOf("a1"), notes.IndexOf("a2")));
    }

    [Fact]
    public async Task Nine_joins_in_a_row()
    {
        await using var host = await PlayAsync();
        var chain = Chain.Of(new Do("start"));
        for (var i = 0; i < 9; i++)
        {
            var number = i;
            chain = chain.Then(Group.Of(Enumerable.Range(0, 5).Select(m => new Do($"{number}")))).Then(new Do($"join {i}"));
        }

        await RunAsync(host, chain);

        Play.Notes.ShouldBe(["start", .. Enumerable.Range(0, 9).SelectMany(static i => Enumerable.Repeat($"{i}", 5).Append($"join {i}"))]);
    }

    [Fact]
    public async Task A_group_alone_is_a_workflow()
    {
        await using var host = await PlayAsync();

        var handle = await RunAsync(host,
            Group.Of(new Do("a")).And("named", new Do("b")).And(Chain.Of(new Do("c")).Then(new Do("d"))));

        (await StatesAsync(handle)).ShouldBe(["do Succeeded", "named Succeeded", "do-2 Succeeded", "do-3 Succeeded"]);
    }

    [Fact]
    public async Task A_thousand_members_join_with_their_results_in_order()
    {
        await using var host = await PlayAsync();

        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(Group.Of(Enumerable.Range(1, 1_000).Select(static i => new Measure(i)))).Then(new AddUp()),
            cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Sum.ShouldBe(500_500);
        Play.Notes.ToArray()[^1].ShouldBe("add up " + string.Join("+", Enumerable.Range(1, 1_000)));
    }
}
