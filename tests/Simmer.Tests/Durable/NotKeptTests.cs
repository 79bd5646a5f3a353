using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>The records of these jobs are not kept. A caller that waits in the process that ran one learns how it ended.</summary>
public abstract class NotKeptTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private const int Times = 20;

    [Fact]
    public async Task Whoever_waits_for_a_success_gets_it_however_late_he_comes()
    {
        await using var host = await StartAsync(Forgetful);
        for (var i = 0; i < Times; i++)
        {
            var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);

            await handle.WaitAsync(Cancelled);
            (await host.Jobs.WaitAsync(handle.Id, Cancelled))!.State.ShouldBe(JobState.Succeeded);
        }
    }

    [Fact]
    public async Task Whoever_watches_a_success_sees_it_end()
    {
        var (started, goOn) = (new Signal(), new Signal());
        await using var host = await StartAsync(s => Forgetful(s, async () =>
        {
            started.Set();
            await goOn.WaitAsync();
        }));
        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await started.WaitAsync();
        var seen = new List<JobRecord>();
        await foreach (var snapshot in host.Jobs.WatchAsync(handle.Id, cancellationToken: Cancelled))
        {
            seen.Add(snapshot);
            goOn.Set();
        }

        (seen[0].State, seen[^1].State, seen[^1].Kind).ShouldBe((JobState.Running, JobState.Succeeded, "greet"));
        seen.Select(static s => s.Version).ShouldBeInOrder();
    }

    [Theory]
    [InlineData("verdict", "the card was declined")]
    [InlineData("exception", "the gateway is gone")]
    [InlineData("cancelled by its handler", "nobody wants it")]
    public async Task Whoever_waits_for_a_failure_gets_its_reason_however_late_he_comes(string how, string reason)
    {
        await using var host = await StartAsync(s => Keeping(s).AddJob<Greet, Ends>(static o => o.MaxAttempts = 1));
        for (var i = 0; i < Times; i++)
        {
            var handle = await host.Jobs.EnqueueAsync(new Greet(how), cancellationToken: Cancelled);

            var error = await Should.ThrowAsync<JobFailedException>(() => handle.WaitAsync(Cancelled));
            error.Message.ShouldContain(reason);
            error.Job!.State.ShouldBe(how == "cancelled by its handler" ? JobState.Cancelled : JobState.Failed);
            (await host.Jobs.WaitAsync(handle.Id, Cancelled))!.State.ShouldBe(error.Job.State);
        }
    }

    [Fact]
    public async Task A_cancel_keeps_its_reason_for_whoever_waits()
    {
        await using var host = await StartAsync(s => Forgetful(s));
        var waiting = await host.Jobs.EnqueueAsync(new Greet("later"), new EnqueueOptions { Delay = TimeSpan.FromHours(1) }, Cancelled);

        (await waiting.CancelAsync("no longer wanted", Cancelled)).ShouldBe(CancelResult.Cancelled);

        (await Should.ThrowAsync<JobFailedException>(() => waiting.WaitAsync(Cancelled))).Message.ShouldContain("no longer wanted");
    }

    [Fact]
    public async Task A_cancel_of_a_running_job_keeps_its_reason_however_many_were_cancelled_before()
    {
        var started = new System.Collections.Concurrent.ConcurrentDictionary<string, Signal>();
        await using var host = await StartAsync(s => Keeping(s).AddJob(async (Greet job, CancellationToken cancellationToken) =>
        {
            started.GetOrAdd(job.Name, static _ => new Signal()).Set();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }));
        for (var i = 0; i < 300; i++)
        {
            host.Node.Context.Watcher.Ended.NoteCancelReason(new JobId(Guid.CreateVersion7()), "of another");
        }

        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await started.GetOrAdd("Ada", static _ => new Signal()).WaitAsync();
        (await handle.CancelAsync("no longer wanted", Cancelled)).ShouldBe(CancelResult.Requested);

        (await Should.ThrowAsync<JobFailedException>(() => handle.WaitAsync(Cancelled))).Message.ShouldContain("no longer wanted");
    }

    [Fact]
    public async Task An_id_of_which_nothing_was_ever_stored_is_not_known()
    {
        await using var host = await StartAsync(Forgetful);

        (await host.Jobs.WaitAsync(new JobId(Guid.CreateVersion7()), Cancelled)).ShouldBeNull();
    }

    private protected static void Forgetful(SimmerBuilder simmer) => Forgetful(simmer, static () => Task.CompletedTask);

    private protected static SimmerBuilder Keeping(SimmerBuilder simmer) =>
        simmer.AddQueue("default", static q => (q.KeepSucceeded, q.KeepFailed) = (TimeSpan.Zero, TimeSpan.Zero));

    private static void Forgetful(SimmerBuilder simmer, Func<Task> work) =>
        Keeping(simmer).AddJob((Greet _, CancellationToken _) => work());

    private sealed class Ends : IVerdictHandler<Greet>
    {
        public Task<JobVerdict> HandleAsync(Greet job, JobContext context, CancellationToken cancellationToken) => job.Name switch
        {
            "verdict" => Task.FromResult(JobVerdict.Fail("the card was declined")),
            "exception" => throw new InvalidOperationException("the gateway is gone"),
            _ => Task.FromResult(JobVerdict.Cancel("nobody wants it")),
        };
    }
}

/// <summary>The same in a process that did not run them.</summary>
public abstract class NotKeptElsewhereTests<TDatabase> : NotKeptTests<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    [Fact]
    public async Task Elsewhere_a_job_that_is_gone_has_finished_and_is_no_failure()
    {
        await using var client = await StartClientAsync(static s => Keeping(s).AddJob<Greet>().AddJob<TakePayment>());
        var first = await client.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        var waits = first.WaitAsync(Cancelled);
        var asks = client.Jobs.WaitAsync(first.Id, Cancelled);
        await using var worker = await StartAsync(static s => Keeping(s)
            .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask)
            .AddJob(static (TakePayment _, CancellationToken _) => Task.FromResult(new Receipt("1"))));

        await waits;
        var end = (await asks)!;
        (end.State, end.Kind).ShouldBe((JobState.Unknown, "greet"));
        end.Reason!.ShouldContain("not kept");

        // The same if no caller has looked at it before.
        for (var i = 0; i < 5; i++)
        {
            var handle = await client.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
            await worker.Jobs.WaitAsync(handle.Id, Cancelled);
            await handle.WaitAsync(Cancelled);
        }

        // A result is kept for callers that wait for it.
        (await (await client.Jobs.EnqueueAsync(new TakePayment(1), cancellationToken: Cancelled)).WaitAsync(Cancelled)).Number
            .ShouldBe("1");
    }

    [Fact]
    public async Task The_snapshots_before_and_after_the_end_agree_when_it_began()
    {
        var (started, goOn) = (new Signal(), new Signal());
        await using var host = await StartAsync(s => s.AddJob(async (Greet _, CancellationToken _) =>
        {
            started.Set();
            await goOn.WaitAsync();
        }));
        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await started.WaitAsync();
        var before = (await handle.GetAsync(Cancelled))!.StartedAt;
        goOn.Set();

        (await host.Jobs.WaitAsync(handle.Id, Cancelled))!.StartedAt.ShouldBe(before.ShouldNotBeNull());
    }

    [Fact]
    public async Task The_handle_of_an_enqueue_in_a_transaction_does_not_say_that_it_is_ready()
    {
        await using var host = await StartClientAsync(static s => s.AddJob<Greet>());
        await using var connection = Database.Open();
        foreach (var commits in new[] { true, false })
        {
            JobHandle one, many;
            WorkflowHandle flow;
            await using (var transaction = await connection.BeginTransactionAsync(Cancelled))
            {
                one = await host.Jobs.Within(transaction).EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
                many = (await host.Jobs.Within(transaction).EnqueueManyAsync([new Greet("Ada")], cancellationToken: Cancelled))[0];
                flow = await host.Jobs.Within(transaction)
                    .EnqueueAsync(Chain.Of(new Greet("Ada")).Then(new Greet("Bob")), cancellationToken: Cancelled);
                if (commits)
                {
                    await transaction.CommitAsync(Cancelled);
                }
            }

            (one.State, many.State, flow.State).ShouldBe((JobState.Unknown, JobState.Unknown, WorkflowState.Unknown));
            ((await one.GetAsync(Cancelled)) is not null, (await many.GetAsync(Cancelled)) is not null,
                (await flow.GetAsync(Cancelled)) is not null).ShouldBe((commits, commits, commits));
            if (!commits)
            {
                (await Should.ThrowAsync<JobFailedException>(() => one.WaitAsync(Cancelled))).Message.ShouldContain("was not committed");
            }
        }
    }
}
