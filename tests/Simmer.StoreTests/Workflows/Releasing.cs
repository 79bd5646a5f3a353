using Simmer.Storage;

namespace Simmer.StoreTests.Workflows;

public abstract class Releasing<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    private static readonly StepRule[] s_rules = [StepRule.AllSucceeded, StepRule.AnyFailed, StepRule.AllDone, StepRule.NoneFailed];

    /// <summary>For each way in which two parents end: whether a child runs by each of the rules.</summary>
    [Theory]
    [InlineData("succeeded", "succeeded", true, false, true, true)]
    [InlineData("succeeded", "failed", false, true, true, false)]
    [InlineData("succeeded", "cancelled", false, true, true, false)]
    [InlineData("succeeded", "left-out", false, false, true, true)]
    [InlineData("succeeded", "broken", false, false, true, false)]
    [InlineData("failed", "failed", false, true, true, false)]
    [InlineData("failed", "cancelled", false, true, true, false)]
    [InlineData("failed", "left-out", false, true, true, false)]
    [InlineData("failed", "broken", false, true, true, false)]
    [InlineData("cancelled", "cancelled", false, true, true, false)]
    [InlineData("cancelled", "left-out", false, true, true, false)]
    [InlineData("cancelled", "broken", false, true, true, false)]
    [InlineData("left-out", "left-out", false, false, true, true)]
    [InlineData("left-out", "broken", false, false, true, false)]
    [InlineData("broken", "broken", false, false, true, false)]
    public async Task A_rule_decides_by_how_the_parents_ended(string first, string second, bool allSucceeded, bool anyFailed, bool allDone,
        bool noneFailed)
    {
        await StoreAsync([.. Parent("p", first), .. Parent("q", second), .. s_rules.Select(rule => $"{rule} after p q on {rule}")]);

        await EndParentAsync("p", first);
        var before = await StatesAsync();
        await EndParentAsync("q", second);

        before.ShouldContain("AllSucceeded Waiting, AnyFailed Waiting, AllDone Waiting, NoneFailed Waiting");
        var runs = new List<bool>();
        foreach (var rule in s_rules)
        {
            var state = (await StepAsync($"{rule}")).Job.State;
            state.ShouldBeOneOf(JobState.Ready, JobState.Skipped);
            runs.Add(state == JobState.Ready);
        }

        runs.ShouldBe([allSucceeded, anyFailed, allDone, noneFailed]);
    }

    [Fact]
    public async Task A_skip_cascades()
    {
        await StoreAsync("a", "b after a", "c after b", "d after c", "e after d on AllDone");

        await FailAsync("a");

        (await StatesAsync()).ShouldBe("Running: a Failed, b Skipped, c Skipped, d Skipped, e Ready");
        var skipped = await StepAsync("c");
        (skipped.Job.FinishedAt, skipped.Job.Run).ShouldBe((Now, 0));
        await EndAsync("e");
        (await StatesAsync()).ShouldStartWith("Failed: ");
    }

    [Fact]
    public async Task A_step_for_a_failure_that_did_not_happen_does_not_count_as_one()
    {
        await StoreAsync("a", "repair after a on AnyFailed", "b after repair on NoneFailed", "c after repair");

        await EndAsync("a");

        (await StatesAsync()).ShouldBe("Running: a Succeeded, repair Skipped, b Ready, c Skipped");
    }

    [Fact]
    public async Task That_something_failed_is_passed_on_through_skipped_steps()
    {
        await StoreAsync("a", "b after a", "repair after b on AnyFailed", "c after repair on NoneFailed", "d after c on AllDone");

        await FailAsync("a");

        (await StatesAsync()).ShouldBe("Running: a Failed, b Skipped, repair Skipped, c Skipped, d Ready");
    }

    [Fact]
    public async Task A_branch_chooses_whom_it_releases()
    {
        await StoreAsync("a", "left after a=left", "either after a=left|right", "right after a=right", "always after a",
            "join after left right on NoneFailed");

        await EndAsync("a", branch: "left");

        (await StatesAsync()).ShouldBe("Running: a Succeeded, left Ready, either Ready, right Skipped, always Ready, join Waiting");
        (await StepAsync("a")).Branch.ShouldBe("left");
        await EndAsync("left");
        (await StepAsync("join")).Job.State.ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task Without_a_branch_only_those_run_that_ask_for_none()
    {
        await StoreAsync("a", "left after a=left", "always after a");

        await EndAsync("a");

        (await StatesAsync()).ShouldBe("Running: a Succeeded, left Skipped, always Ready");
    }

    [Fact]
    public async Task Where_the_chooser_failed_its_branches_are_broken()
    {
        await StoreAsync("a", "left after a=left", "next after left on NoneFailed", "repair after a on AnyFailed");

        await EndAsync("a", JobState.Failed, branch: "left");

        (await StatesAsync()).ShouldBe("Running: a Failed, left Skipped, next Skipped, repair Ready");
    }

    [Fact]
    public async Task Two_parents_in_one_batch_count_twice()
    {
        await StoreAsync("a", "b", "c after a b", "d after a b on AnyFailed");
        var (a, b) = (await ClaimAsync("a"), await ClaimAsync("b"));

        var report = await Worker.FlushAsync(settlements: [End(a), End(b)]);

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Succeeded, c Ready, d Skipped");
        report.Released.Steps.ShouldBe([await IdOfAsync("c"), await IdOfAsync("d")], ignoreOrder: true);
        report.Released.Queues.ShouldBe([Some.Queue]);
        report.Released.Workflows.ShouldBe([Flow.Id]);
    }

    [Fact]
    public async Task A_release_can_be_claimed_in_the_same_flush()
    {
        await StoreAsync("a", "b after a");
        var a = await ClaimAsync("a");

        var report = await Worker.FlushAsync(settlements: [End(a)], claims: [new(Some.Queue, 5)]);

        report.Claims.ShouldHaveSingleItem().Job.Step!.Name.ShouldBe("b");
    }

    [Fact]
    public async Task A_delay_counts_from_the_release()
    {
        var flow = new Workflow();
        _ = flow.Add("b", new Letter(Delay: TimeSpan.FromMinutes(5))).After(flow.Add("a", new Letter()));
        await StoreAsync(flow);
        Pass(TimeSpan.FromHours(1));
        var a = await ClaimAsync("a");

        var report = await Worker.FlushAsync(settlements: [End(a)]);

        report.Released.NextDue.ShouldBe(Now.AddMinutes(5));
        var b = await StepAsync("b");
        (b.Job.State, b.Job.DueAt).ShouldBe((JobState.Scheduled, Now.AddMinutes(5)));
        Pass(TimeSpan.FromMinutes(5));
        (await PromoteAsync()).Queues.ShouldBe([Some.Queue]);
        await EndAsync("b");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task A_due_time_holds_a_step_that_is_released_before_it()
    {
        var flow = new Workflow();
        _ = flow.Add("b", new Letter(DueAt: Now.AddMinutes(5))).After(flow.Add("a", new Letter()));
        await StoreAsync(flow);

        await EndAsync("a");

        (await StepAsync("b")).Job
            .ShouldSatisfyAllConditions(j => j.State.ShouldBe(JobState.Scheduled), j => j.DueAt.ShouldBe(Now.AddMinutes(5)));
    }

    [Fact]
    public async Task A_group_after_a_group_waits_for_all_of_it()
    {
        await StoreAsync(Chain.Of(Group("m", 4)).Then(Group("k", 3)).Then("last", new Letter()));
        Flow.Gates.ShouldNotBeEmpty();
        await EndAllAsync("m1", "m2", "m3");
        (await StepAsync("k1")).Job.State.ShouldBe(JobState.Waiting);

        await EndAsync("m4");

        foreach (var name in (string[])["k1", "k2", "k3"])
        {
            (await StepAsync(name)).Job.State.ShouldBe(JobState.Ready);
            (await StepAsync(name)).Step.Parents.ShouldBe([1, 2, 3, 4]);
        }

        await EndAllAsync("k2", "k3", "k1", "last");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task A_rule_sees_through_the_point_where_groups_meet()
    {
        var flow = new Workflow();
        var members = flow.Add("g", Group("m", 3));
        foreach (var rule in s_rules)
        {
            _ = flow.Add($"{rule}", new Letter()).After(members).On(rule);
        }

        await StoreAsync(flow);
        Flow.Gates.ShouldHaveSingleItem().Pending.ShouldBe(3);

        await EndAsync("g/m1");
        await EndAsync("g/m2", JobState.Cancelled);
        await EndAsync("g/m3");

        (await StatesAsync())
            .ShouldBe("Running: g/m1 Succeeded, g/m2 Cancelled, g/m3 Succeeded, AllSucceeded Skipped, AnyFailed Ready, AllDone Ready, "
            + "NoneFailed Skipped");
    }

    [Fact]
    public async Task Ten_thousand_steps_side_by_side_are_joined_once()
    {
        await StoreAsync(Chain.Of("split", new Letter()).Then(Simmer.Group.Of(Enumerable.Range(0, 10_000).Select(_ => new Letter())))
            .Then("join", new Letter()));
        await EndAsync("split");
        var released = 0;
        for (var i = 0; i < 5; i++)
        {
            var claims = await Worker.ClaimAsync(2_000);
            claims.Count.ShouldBe(2_000);
            released += (await Worker.FlushAsync(settlements: [.. claims.Select(c => End(c))])).Released.Steps.Count;
        }

        released.ShouldBe(1);
        await EndAsync("join");
        (await WorkflowAsync()).ShouldSatisfyAllConditions(
            w => w.State.ShouldBe(WorkflowState.Succeeded),
            w => w.Counts.ShouldHaveSingleItem().Value.ShouldBe(10_002),
            w => w.Progress.ShouldBe(1));
    }

    [Fact]
    public async Task Nine_joins_in_a_row_each_start_once()
    {
        var chain = Chain.Of("begin", new Letter());
        for (var i = 1; i <= 9; i++)
        {
            chain = chain.Then(Group($"g{i}-", 3)).Then($"j{i}", new Letter());
        }

        await StoreAsync(chain);
        var started = new List<JobId>();
        while (await Worker.ClaimAsync(10) is { Count: > 0 } claims)
        {
            started.AddRange(claims.Select(c => c.Job.Id));
            _ = await Worker.FlushAsync(settlements: [.. claims.Select(c => End(c))]);
        }

        started.ShouldBe(Flow.Steps.Select(s => s.Id), ignoreOrder: true);
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task A_chain_in_a_group_in_a_chain_keeps_its_order()
    {
        var inner = Chain.Of("i1", new Letter()).Then(Group("n", 2)).Then("i2", new Letter());
        await StoreAsync(Chain.Of("a", new Letter()).Then(Simmer.Group.Of(inner).And("side", new Letter()))
            .Then("z", new Letter()));

        await EndAllAsync("a", "side", "i1", "n1", "n2");
        (await StepAsync("z")).Job.State.ShouldBe(JobState.Waiting);
        await EndAsync("i2");

        (await StepAsync("z")).Job.State.ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task A_group_without_members_holds_nobody_up()
    {
        await StoreAsync(Chain.Of("a", new Letter()).Then(Group("m", 0)).Then("b", new Letter()));

        await EndAsync("a");

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Ready");
        (await StepAsync("b")).Step.ParentsThroughEmpty.ShouldBe(1);
    }

    [Fact]
    public async Task A_group_of_one_is_joined_as_well()
    {
        await StoreAsync(Chain.Of(Group("m", 1)).Then("b", new Letter()));

        await EndAsync("m1");

        (await StatesAsync()).ShouldBe("Running: m1 Succeeded, b Ready");
    }

    [Fact]
    public async Task A_paused_queue_in_the_middle_holds_the_workflow_until_it_goes_on()
    {
        var flow = new Workflow();
        var b = flow.Add("b", new Letter(Queue: "other")).After(flow.Add("a", new Letter()));
        _ = flow.Add("c", new Letter()).After(b);
        await StoreAsync(flow);
        await PauseAsync(queue: "other");
        await EndAsync("a");
        (await Worker.ClaimAsync(5, "other")).ShouldBeEmpty();
        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Ready, c Waiting");

        await PauseAsync(false, "other");

        var claim = (await Worker.ClaimAsync(5, "other")).ShouldHaveSingleItem();
        _ = await Worker.SettleAsync(End(claim));
        await EndAsync("c");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task A_step_of_a_kind_that_nobody_knows_waits_for_somebody_who_does()
    {
        var flow = new Workflow();
        _ = flow.Add("b", new Letter(Kind: "burn-letters")).After(flow.Add("a", new Letter()));
        await StoreAsync(flow);
        await EndAsync("a");
        (await Worker.FlushAsync(claims: [new(Some.Queue, 5)], kinds: [Some.Kind])).Claims.ShouldBeEmpty();

        (await Worker.FlushAsync(claims: [new(Some.Queue, 5)], kinds: [Some.Kind, "burn-letters"])).Claims
            .ShouldHaveSingleItem().Job.Step!.Name.ShouldBe("b");
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task A_worker_that_lost_its_lease_releases_nothing()
    {
        await StoreAsync("a", "b after a");
        var dying = await NewWorkerAsync();
        var late = (await dying.ClaimAsync()).ShouldHaveSingleItem();
        _ = await KillAsync(dying);

        (await dying.SettleAsync(End(late))).Settled.ShouldBeFalse();
        (await Worker.SettleAsync(End(late))).Settled.ShouldBeFalse();

        (await StatesAsync()).ShouldBe("Running: a Ready, b Waiting");
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task A_repeated_settlement_releases_once()
    {
        await StoreAsync("a", "b", "c after a b");
        var a = await ClaimAsync("a");
        _ = await Worker.SettleAsync(End(a));

        (await Worker.RepeatAsync()).Settlements.ShouldBe([new SettleReport(true, JobState.Succeeded)]);

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Running, c Waiting");
    }

    [Fact]
    public async Task A_second_settlement_of_the_same_lease_releases_nothing()
    {
        await StoreAsync("a", "b", "c after a b");
        var a = await ClaimAsync("a");
        _ = await Worker.SettleAsync(End(a));

        (await Worker.SettleAsync(End(a))).ShouldBe(new SettleReport(false, JobState.Succeeded));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Running, c Waiting");
    }

    [Fact]
    public async Task A_rescue_between_a_parents_end_and_its_childs_claim_changes_nothing()
    {
        await StoreAsync("a", "b after a", "c after b");
        var dying = await NewWorkerAsync();
        _ = await dying.SettleAsync(End((await dying.ClaimAsync())[0]));
        _ = await KillAsync(dying);

        await EndAsync("b");

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Succeeded, c Ready");
    }

    [Fact]
    public async Task A_child_whose_worker_died_runs_again_and_its_parent_does_not()
    {
        await StoreAsync("a", "b after a", "c after b");
        await EndAsync("a");
        var dying = await NewWorkerAsync();
        _ = await dying.ClaimAsync();
        _ = await KillAsync(dying);

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Ready, c Waiting");
        _ = await Worker.SettleAsync(End((await Worker.ClaimAsync(maySuspect: true)).ShouldHaveSingleItem()));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Succeeded, c Ready");
    }

    [Theory]
    [InlineData(JobState.Ready)]
    [InlineData(JobState.Scheduled)]
    public async Task An_attempt_that_is_repeated_releases_nobody_yet(JobState state)
    {
        await StoreAsync("a", "b after a", "c after a on AllDone");
        var claim = await ClaimAsync("a");

        _ = await Worker.SettleAsync(Some
            .Settlement(claim.Token, state, TimeSpan.FromMinutes(1), error: Some.Error(), step: claim.Job.Step));

        (await StatesAsync()).ShouldBe($"Running: a {state}, b Waiting, c Waiting");
    }

    [Fact]
    public async Task A_step_given_back_releases_nobody()
    {
        await StoreAsync("a", "b after a on AllDone");

        _ = await Worker.GiveBackAsync((await ClaimAsync("a")).Token);

        (await StatesAsync()).ShouldBe("Running: a Ready, b Waiting");
    }

    [Fact]
    public async Task A_settlement_that_names_no_step_releases_all_the_same()
    {
        await StoreAsync("a", "b after a");
        var claim = await ClaimAsync("a");

        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, keepFor: TimeSpan.Zero));

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Ready");
    }

    private static Group Group(string prefix, int count)
    {
        var group = Simmer.Group.Of();
        for (var i = 1; i <= count; i++)
        {
            group = group.And($"{prefix}{i}", new Letter());
        }

        return group;
    }

    private static IEnumerable<string> Parent(string name, string end) => end switch
    {
        "left-out" => [$"{name}-before", $"{name} after {name}-before=taken"],
        "broken" => [$"{name}-before", $"{name} after {name}-before"],
        _ => [name],
    };

    private Task EndParentAsync(string name, string end) => end switch
    {
        "succeeded" => EndAsync(name),
        "failed" => FailAsync(name),
        "cancelled" => EndAsync(name, JobState.Cancelled),
        "left-out" => EndAsync($"{name}-before", branch: "another"),
        _ => FailAsync($"{name}-before"),
    };
}
