using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

public sealed class SqliteHostTests : SqliteFolder
{
    [Fact]
    public async Task A_durable_job_gives_its_result()
    {
        await using var host = await StartAsync(s => s
            .AddJob((TakePayment job, CancellationToken _) => Task.FromResult(new Receipt($"R{job.Amount}"))));

        var handle = await host.Jobs.EnqueueAsync(new TakePayment(7), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Number.ShouldBe("R7");
    }

    [Fact]
    public async Task Jobs_enqueued_in_one_process_life_run_in_the_next()
    {
        var count = 0;
        await using (var first = await StartClientAsync(static s => s.AddJob<Greet>()))
        {
            await first.Jobs.EnqueueManyAsync(Enumerable.Range(0, 5_000).Select(static i => new Greet($"{i}")),
                cancellationToken: Cancelled);
        }

        var all = new TaskCompletionSource();
        await using var second = await StartAsync(s => s.AddJob((Greet _, CancellationToken _) =>
        {
            if (Interlocked.Increment(ref count) == 5_000)
            {
                all.SetResult();
            }

            return Task.CompletedTask;
        }));
        await all.Task.WaitAsync(Cancelled);
    }

    [Fact]
    public async Task A_result_reaches_a_process_that_only_enqueues()
    {
        await using var client = await StartClientAsync(static s => s.AddJob<TakePayment>());
        var handle = await client.Jobs.EnqueueAsync(new TakePayment(3), cancellationToken: Cancelled);

        await using var worker =
            await StartAsync(s => s.AddJob((TakePayment job, CancellationToken _) => Task.FromResult(new Receipt($"R{job.Amount}"))));

        (await handle.WaitAsync(Cancelled)).Number.ShouldBe("R3");
    }

    [Fact]
    public async Task A_cancel_in_one_host_reaches_the_handler_in_another()
    {
        var started = new TaskCompletionSource();
        await using var worker = await StartAsync(s => s.AddJob(async (Greet _, CancellationToken ct) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, ct);
        }));
        await using var client = await StartClientAsync(static s => s.AddJob<Greet>());
        var handle = await client.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await started.Task.WaitAsync(Cancelled);

        (await handle.CancelAsync("not needed", Cancelled)).ShouldBe(CancelResult.Requested);

        var end = await client.Jobs.WaitAsync(handle.Id, Cancelled);
        end!.State.ShouldBe(JobState.Cancelled);
        end.Reason.ShouldBe("not needed");
    }

    [Fact]
    public async Task In_memory_jobs_spilled_at_a_shutdown_run_after_the_next_start()
    {
        await using (var first = await StartAsync(static s => s
            .AddQueue("fast", static q => q.Durability = Durability.InMemory)
            .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask)))
        {
            await first.Jobs.EnqueueAsync(new Greet("later"), new EnqueueOptions { Queue = "fast", Delay = TimeSpan.FromMilliseconds(200) },
                Cancelled);
            await first.StopNowAsync();
        }

        var greeted = new TaskCompletionSource<string>();
        await using var second = await StartAsync(s => s
            .AddQueue("fast", static q => q.Durability = Durability.InMemory)
            .AddJob((Greet job, CancellationToken _) =>
            {
                greeted.SetResult(job.Name);
                return Task.CompletedTask;
            }));

        (await greeted.Task.WaitAsync(Cancelled)).ShouldBe("later");
    }

    [Fact]
    public async Task A_payload_over_the_limit_is_refused_with_its_size()
    {
        await using var host = await StartClientAsync(static s => s.AddJob<Greet>().Configure(static o => o.MaxPayloadBytes = 1_000));

        var error = await Should
            .ThrowAsync<ArgumentException>(() => host.Jobs.EnqueueAsync(new Greet(new string('x', 2_000)), cancellationToken: Cancelled));

        error.Message.ShouldContain("at most 1,000 are allowed");
    }

    [Fact]
    public async Task A_result_over_the_limit_fails_the_attempt_with_its_size()
    {
        await using var host = await StartAsync(s => s
            .Configure(static o => o.MaxResultBytes = 100)
            .AddJob((TakePayment _, CancellationToken _) => Task.FromResult(new Receipt(new string('x', 200)))));

        var handle = await host.Jobs.EnqueueAsync(new TakePayment(1), new EnqueueOptions { MaxAttempts = 1 }, Cancelled);

        var end = await host.Jobs.WaitAsync(handle.Id, Cancelled);
        end!.State.ShouldBe(JobState.Failed);
        end.Errors[^1].Type.ShouldBe(ErrorTypes.Result);
    }
}
