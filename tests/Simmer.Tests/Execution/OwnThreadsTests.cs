using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Jobs;
using Simmer.Runtime;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

/// <summary>Queues whose handlers run on threads of their own.</summary>
public sealed class OwnThreadsTests
{
    private const string Queue = "blocking";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly ConcurrentQueue<(string Where, bool IsPool)> _seen = new();

    [Fact]
    public async Task A_handler_runs_on_no_thread_of_the_pool_before_and_after_what_it_awaits()
    {
        await using var host = await StartAsync(QueueThreads.Dedicated, async (_, token) =>
        {
            Look("before");
            await Task.Yield();
            Look("after a yield");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, token);
            Look("after a wait");
            await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
            {
                await Task.Yield();
                Look("in parallel");
            }));
            Look("after all");
        });

        await (await host.Jobs.EnqueueAsync(new Work("x"), cancellationToken: Cancelled)).WaitAsync(Cancelled);

        _seen.Count.ShouldBe(9);
        _seen.ShouldAllBe(static s => !s.IsPool);
    }

    [Fact]
    public async Task Without_the_option_it_runs_on_the_pool()
    {
        await using var host = await StartAsync(QueueThreads.Shared, (_, _) =>
        {
            Look("handler");
            return Task.CompletedTask;
        });

        await (await host.Jobs.EnqueueAsync(new Work("x"), cancellationToken: Cancelled)).WaitAsync(Cancelled);

        _seen.ShouldHaveSingleItem().IsPool.ShouldBeTrue();
    }

    [Fact]
    public async Task As_many_handlers_as_there_are_slots_block_at_once_and_other_queues_go_on()
    {
        const int Many = 200;
        using var started = new CountdownEvent(Many);
        using var goOn = new ManualResetEventSlim();
        await using var host = await StartAsync(QueueThreads.Dedicated, (_, _) =>
        {
            Look("blocks");
            started.Signal();
            goOn.Wait(Cancelled);
            return Task.CompletedTask;
        }, Many);
        var blocked = await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, Many).Select(static n => new Work($"{n}")), cancellationToken: Cancelled);

        // The pool adds a thread or two a second: so many at once it does not have.
        await Until.True(() => started.IsSet, "all run");
        await (await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled)).WaitAsync(Cancelled);
        blocked.ShouldAllBe(static b => b.State != JobState.Succeeded);
        goOn.Set();
        await Task.WhenAll(blocked.Select(static b => b.WaitAsync(Cancelled)));

        _seen.ShouldAllBe(static s => !s.IsPool);
    }

    [Fact]
    public async Task A_handler_that_blocks_for_its_own_asynchronous_call_goes_on()
    {
        await using var host = await StartAsync(QueueThreads.Dedicated, (_, token) =>
        {
            static async Task<int> AnswerAsync(CancellationToken token)
            {
                await Task.Yield();
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, token);
                return 42;
            }

            AnswerAsync(token).GetAwaiter().GetResult().ShouldBe(42);
            return Task.CompletedTask;
        }, concurrency: 1);

        await Task
            .WhenAll((await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, 20).Select(static n => new Work($"{n}")), cancellationToken: Cancelled))
            .Select(static h => h.WaitAsync(Cancelled)));
    }

    [Fact]
    public async Task Its_own_calls_of_Simmer_work_in_such_a_handler_awaited_and_blocked_for()
    {
        IJobClient? jobs = null;
        await using var host = await StartAsync(QueueThreads.Dedicated, async (work, token) =>
        {
            if (work.Name == "first")
            {
                await jobs!.EnqueueAsync(new Work("second"), cancellationToken: token);
                jobs.EnqueueAsync(new Work("third"), cancellationToken: token).GetAwaiter().GetResult();
            }

            Look(work.Name);
        });
        jobs = host.Jobs;

        await jobs.EnqueueAsync(new Work("first"), cancellationToken: Cancelled);
        await Until.True(() => _seen.Count == 3, "all have run");

        _seen.ShouldAllBe(static s => !s.IsPool);
    }

    [Fact]
    public async Task Its_threads_end_with_the_host()
    {
        OwnThreads threads;
        await using (var host = await StartAsync(QueueThreads.Dedicated, static (_, _) => Task.CompletedTask))
        {
            await Task
                .WhenAll((await host.Jobs
                .EnqueueManyAsync(Enumerable.Range(0, 50).Select(static n => new Work($"{n}")), cancellationToken: Cancelled))
                .Select(static h => h.WaitAsync(Cancelled)));
            threads = (OwnThreads)host.Node.Engines.Of(Queue).Runner.Queue(Queue)!.Threads!;
            threads.Count.ShouldBeInRange(1, 20);
        }

        await Until.True(() => threads.Count == 0, "they end");
    }

    [Fact]
    public async Task A_job_that_throws_or_is_told_to_stop_ends_as_on_any_thread()
    {
        var started = new Signal();
        await using var host = await StartAsync(QueueThreads.Dedicated, async (work, token) =>
        {
            if (work.Name == "throws")
            {
                throw new InvalidOperationException("no");
            }

            started.Set();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });
        var throws = await host.Jobs.EnqueueAsync(new Work("throws"), new EnqueueOptions { MaxAttempts = 1 }, Cancelled);
        var stops = await host.Jobs.EnqueueAsync(new Work("stops"), cancellationToken: Cancelled);
        await started.WaitAsync();

        await host.Jobs.CancelAsync(stops.Id, cancellationToken: Cancelled);

        (await host.Jobs.WaitAsync(stops.Id, Cancelled))!.State.ShouldBe(JobState.Cancelled);
        (await host.Jobs.WaitAsync(throws.Id, Cancelled))!.State.ShouldBe(JobState.Failed);
    }

    [Fact]
    public async Task After_response_tasks_have_threads_of_their_own_as_well_where_their_queue_has()
    {
        await using var host = await EngineHost
            .StartAsync(static s => s.AddQueue(QueueNames.AfterResponse, static q => q.Threads = QueueThreads.Dedicated));
        await using (var scope = host.Services.CreateAsyncScope())
        {
            var tasks = scope.ServiceProvider.GetRequiredService<BackgroundTasks>();
            tasks.Add(() => Look("synchronous"));
            tasks.Add(async () =>
            {
                await Task.Yield();
                Look("after a yield");
            });
        }

        await Until.True(() => _seen.Count == 2, "both have run");

        _seen.ShouldAllBe(static s => !s.IsPool);
    }

    private void Look(string where) => _seen.Enqueue((where, Thread.CurrentThread.IsThreadPoolThread));

    private static Task<EngineHost> StartAsync(QueueThreads threads, Func<Work, CancellationToken, Task> handler, int concurrency = 16) =>
        EngineHost.StartAsync(s => s
        .AddQueue(Queue, q => (q.Threads, q.Concurrency) = (threads, concurrency))
        .AddJob(handler, static o => o.Queue = Queue)
        .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask));
}
