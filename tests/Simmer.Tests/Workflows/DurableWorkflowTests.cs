using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>Workflows in one database, over several hosts and starts.</summary>
public abstract class DurableWorkflowTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private readonly Play _play = new();
    private readonly Play _next = new();

    [Fact]
    public async Task The_result_of_a_chain_reaches_a_process_that_only_enqueues()
    {
        await using var client = await StartClientAsync(static s => s.AddJob<Do>().AddJob<Pay>());
        var handle = await client.Jobs.EnqueueAsync(Chain.Of(new Do("a")).Then(new Pay("3")), cancellationToken: Cancelled);

        await using var worker = await StartAsync(s => _play.AddTo(s));

        (await handle.WaitAsync(Cancelled)).Number.ShouldBe("R3");
        (await handle.GetAsync(Cancelled))!.State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task A_failure_reaches_a_process_that_only_enqueues()
    {
        await using var client = await StartClientAsync(static s => s.AddJob<Do>());
        var handle = await client.Jobs
            .EnqueueAsync(Chain.Of("a", new Do("a") { Fails = "no" }).Then(new Do("b")), cancellationToken: Cancelled);

        await using var worker = await StartAsync(s => _play.AddTo(s));

        (await Should.ThrowAsync<WorkflowFailedException>(handle.WaitAsync(Cancelled))).Message.ShouldContain("step 'a' ended Failed: no");
    }

    [Fact]
    public async Task A_cancel_in_one_host_reaches_the_step_that_runs_in_another()
    {
        await using var worker = await StartAsync(s => _play.AddTo(s));
        await using var client = await StartClientAsync(static s => s.AddJob<Do>().AddJob<Pay>().AddJob<Refund>());
        var handle = await client.Jobs
            .EnqueueAsync(Chain.Of(new Pay("1"), undo: new Refund()).Then(new Do("a") { Waits = true }).Then(new Do("b")),
            cancellationToken: Cancelled);
        await _play.Started("a").WaitAsync();

        (await handle.CancelAsync("not needed", Cancelled)).ShouldBe(CancelResult.Requested);

        var end = (await client.Jobs.WaitAsync(handle.Id, Cancelled))!;
        (end.State, end.Reason).ShouldBe((WorkflowState.Cancelled, "not needed"));
        _play.Notes.ShouldBe(["pay 1", "a", "refund R1"]);
    }

    [Fact]
    public async Task A_chain_goes_on_after_a_restart_in_the_middle_and_runs_nothing_twice_that_had_ended()
    {
        WorkflowId id;
        await using (var first = await StartAsync(s => _play.AddTo(s)))
        {
            var handle = await first.Jobs.EnqueueAsync(
                Chain.Of(new Pay("1")).Then(new Do("a") { Waits = true }).Then(new Ship())
                    .Finally(new Do("end")), cancellationToken: Cancelled);
            id = handle.Id;
            await _play.Started("a").WaitAsync();
            await first.StopNowAsync();
        }

        await using var second = await StartAsync(s => _next.AddTo(s));
        _next.Release("a");

        (await second.Jobs.WaitAsync(id, Cancelled))!.State.ShouldBe(WorkflowState.Succeeded);
        _play.Notes.ShouldBe(["pay 1", "a"]);
        _next.Notes.ShouldBe(["a", "ship R1", "end"]);
        (await second.Jobs.GetStepsAsync(id, Cancelled)).Single(static s => s.Name == "do").Job.Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task Steps_added_in_one_life_are_run_in_the_next()
    {
        WorkflowHandle<Total> handle;
        await using var client = await StartClientAsync(static s => s.AddJob<Split>().AddJob<AddUp>().AddJob<Measure>());
        handle = await client.Jobs.EnqueueAsync(Chain.Of(new Split(3)).Then(new AddUp()), cancellationToken: Cancelled);
        await using (await StartAsync(static s => s.AddJob<Measure>().AddJob<AddUp>()
            .AddJob(static (Split job, JobContext context, CancellationToken token) =>
        {
            for (var i = 1; i <= job.Count; i++)
            {
                context.AddStep(new Measure(i));
            }

            return Task.CompletedTask;
        })))
        {
            await client.Jobs.WaitAsync(handle.Id.Step(1), Cancelled);
        }

        await using var worker = await StartAsync(s => _next.AddTo(s));

        (await handle.WaitAsync(Cancelled)).Sum.ShouldBe(6);
    }

    [Fact]
    public async Task A_workflow_exists_if_and_only_if_the_callers_transaction_commits()
    {
        await using var host = await StartAsync(s => _play.AddTo(s));
        await using var connection = Database.Open();
        var chain = Chain.Of(new Do("a")).Then(new Pay("1")).Finally(new Do("end"));
        WorkflowHandle<Receipt> kept;
        await using (var transaction = await connection.BeginTransactionAsync(Cancelled))
        {
            kept = await host.Jobs.Within(transaction).EnqueueAsync(chain, cancellationToken: Cancelled);
            (await host.Jobs.GetAsync(kept.Id, Cancelled)).ShouldBeNull("it is not committed yet");
            await transaction.CommitAsync(Cancelled);
        }

        WorkflowHandle gone;
        await using (var transaction = await connection.BeginTransactionAsync(Cancelled))
        {
            gone = await host.Jobs.Within(transaction).EnqueueAsync(Group.Of(new Do("x"), new Do("y")), cancellationToken: Cancelled);
            await transaction.RollbackAsync(Cancelled);
        }

        (await kept.WaitAsync(Cancelled)).Number.ShouldBe("R1");
        (await host.Jobs.GetAsync(gone.Id, Cancelled)).ShouldBeNull();
        (await host.Jobs.GetStepsAsync(gone.Id, Cancelled)).ShouldBeEmpty();
        _play.Notes.ShouldBe(["a", "pay 1", "end"]);
    }

    [Fact]
    public async Task A_workflow_in_a_transaction_is_enqueued_once_for_its_id()
    {
        await using var host = await StartAsync(s => _play.AddTo(s));
        await using var connection = Database.Open();
        var options = new WorkflowOptions { Id = WorkflowId.For("order-1") };
        var first = await host.Jobs.EnqueueAsync(Chain.Of(new Do("a")), options, Cancelled);
        await first.WaitAsync(Cancelled);

        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        var second = await host.Jobs.Within(transaction).EnqueueAsync(Chain.Of(new Do("a")), options, Cancelled);
        await transaction.CommitAsync(Cancelled);

        (second.IsDuplicate, second.Id).ShouldBe((true, first.Id));
        _play.Notes.ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_workflow_in_memory_cannot_be_part_of_a_transaction()
    {
        await using var host = await StartAsync(s => _play.AddTo(s.AddQueue("fast", static q => q.Durability = Durability.InMemory)));
        await using var connection = Database.Open();
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);

        var error = await Should.ThrowAsync<InvalidOperationException>(() =>
            host.Jobs.Within(transaction)
                .EnqueueAsync(Chain.Of(new Do("a"), options: new EnqueueOptions { Queue = "fast" }), cancellationToken: Cancelled));

        error.Message.ShouldContain("Queue 'fast' is in memory and cannot be part of a transaction.");
    }

    [Fact]
    public async Task Durable_queues_and_queues_in_memory_do_not_mix_in_one_workflow()
    {
        await using var host = await StartAsync(s => _play.AddTo(s.AddQueue("fast", static q => q.Durability = Durability.InMemory)));
        var fast = new EnqueueOptions { Queue = "fast" };
        const string message =
            "Step 'pay' goes to queue 'default', which is durable, and step 'note' to queue 'fast', which is in memory. All steps of a "
                + "workflow live in one store: use durable queues for all of them, or queues in memory.";

        foreach (var mixed in new[] { Chain.Of(new Pay("1")).Then("note", new Do("a"), options: fast),
            Chain.Of("note", new Do("a"), options: fast).Then(new Pay("1")) })
        {
            (await Should.ThrowAsync<ArgumentException>(() => host.Jobs.EnqueueAsync(mixed, cancellationToken: Cancelled))).Message
                .ShouldStartWith(message);
        }

        foreach (var engine in host.Node.Engines.All)
        {
            (await engine.Store.Browser.CountAsync(Cancelled)).ShouldBeEmpty();
        }

        await (await host.Jobs.EnqueueAsync(Chain.Of(new Do("a"), options: fast).Then(new Do("b"), options: fast),
            cancellationToken: Cancelled)).WaitAsync(Cancelled);
        _play.Notes.ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_step_cannot_add_one_that_would_live_in_the_other_store()
    {
        await using var host = await StartAsync(s => _play.AddTo(s.AddQueue("fast", static q => q.Durability = Durability.InMemory)).AddJob(
            static (Custom job, JobContext context, CancellationToken _) =>
            {
                context.AddStep("added", new Do("added"), new EnqueueOptions { Queue = job.What });
                return Task.CompletedTask;
            },
            static o => o.MaxAttempts = 1));

        var durable = await host.Jobs.EnqueueAsync(Chain.Of("c", new Custom("fast")), cancellationToken: Cancelled);
        var memory = await host.Jobs
            .EnqueueAsync(Chain.Of("c", new Custom("default"), options: new EnqueueOptions { Queue = "fast" }),
            cancellationToken: Cancelled);

        (await Should.ThrowAsync<WorkflowFailedException>(durable.WaitAsync(Cancelled))).Workflow!.StepCount.ShouldBe(1);
        (await Should.ThrowAsync<WorkflowFailedException>(memory.WaitAsync(Cancelled))).Workflow!.StepCount.ShouldBe(1);
        (await ErrorAsync(durable))
            .ShouldBe("Step 'c' adds 'c/added', which goes to queue 'fast': that is in memory, and the workflow is not. All steps of a "
            + "workflow live in one store.");
        (await ErrorAsync(memory))
            .ShouldBe("Step 'c' adds 'c/added', which goes to queue 'default': that is durable, and the workflow is not. All steps of a "
            + "workflow live in one store.");
        _play.Notes.ShouldBeEmpty();

        static async Task<string> ErrorAsync(WorkflowHandle handle) => (await handle.GetStepsAsync(Cancelled))[0].Job.Errors[^1].Message;
    }

    [Fact]
    public async Task A_payload_over_the_limit_refuses_the_whole_workflow()
    {
        await using var host = await StartAsync(s => _play.AddTo(s.Configure(static o => o.MaxPayloadBytes = 1_000)));

        var error = await Should
            .ThrowAsync<ArgumentException>(() => host.Jobs
            .EnqueueAsync(Chain.Of(new Do("a")).Then(new Do(new string('x', 2_000))), cancellationToken: Cancelled));

        error.Message.ShouldContain("at most 1,000 are allowed");
        (await host.Node.Durable!.Store.Browser.CountAsync(Cancelled)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_result_over_the_limit_fails_the_step_and_skips_what_follows()
    {
        await using var host = await StartAsync(s => _play.AddTo(s.Configure(static o => o.MaxResultBytes = 100)));

        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of("pay", new Pay(new string('x', 200)), undo: new Refund(), options: new EnqueueOptions { MaxAttempts = 1 })
                .Then("ship", new Ship()), cancellationToken: Cancelled);

        (await host.Jobs.WaitAsync(handle.Id, Cancelled))!.State.ShouldBe(WorkflowState.Failed);
        var steps = await handle.GetStepsAsync(Cancelled);
        steps.Select(static s => s.Job.State).ShouldBe([JobState.Failed, JobState.Skipped, JobState.Skipped]);
        steps[0].Job.Errors[^1].Type.ShouldBe(ErrorTypes.Result);
        steps[0].Job.Errors[^1].Message.ShouldContain("at most 100 are allowed (MaxResultBytes)");
    }

    [Fact]
    public async Task Several_hosts_share_the_steps_of_one_workflow()
    {
        await using var one = await StartAsync(s => _play.AddTo(s.AddQueue("default", static q => q.Concurrency = 2)));
        await using var two = await StartAsync(s => _next.AddTo(s.AddQueue("default", static q => q.Concurrency = 2)));
        var flow = new Workflow();
        var meet = flow.Add("meet", Group.Of(Enumerable.Range(1, 4).Select(static i => new Measure(i, Waits: true))));
        var sum = flow.Add("sum", new AddUp()).After(meet);
        flow.Add("tell", new Tell()).After(sum);

        var handle = await one.Jobs.EnqueueAsync(flow, cancellationToken: Cancelled);
        await Until.True(() => _play.Notes.Count == 2 && _next.Notes.Count == 2, "both have taken their share");
        foreach (var i in Enumerable.Range(1, 4))
        {
            _play.Release($"measure {i}");
            _next.Release($"measure {i}");
        }

        await handle.WaitAsync(Cancelled);
        _play.Notes.Concat(_next.Notes).Count(static n => n == "add up 1+2+3+4").ShouldBe(1);
        _play.Notes.Concat(_next.Notes).Count(static n => n == "tell 10").ShouldBe(1);
    }
}
