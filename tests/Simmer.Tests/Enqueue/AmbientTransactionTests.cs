using System.Transactions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Enqueue;

/// <summary>Jobs in memory beside a caller's transaction of System.Transactions.</summary>
public sealed class AmbientTransactionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_enqueue_inside_a_transaction_scope_is_refused_with_the_ways_out()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddJobs());

        await AmbientEnqueue.AllAreRefusedAsync(host);
        await AmbientEnqueue.SuppressedAreStoredAsync(host);
    }

    [Fact]
    public async Task A_place_in_a_bounded_queue_is_not_lost_by_a_refusal()
    {
        await using var host = await EngineHost
            .StartAsync(static s => s.AddJobs().AddQueue("small", static q => (q.Durability, q.Capacity) = (Durability.InMemory, 1)));
        var small = new EnqueueOptions { Queue = "small" };
        using (AmbientEnqueue.Scope())
        {
            for (var i = 0; i < 3; i++)
            {
                await Should.ThrowAsync<InvalidOperationException>(() => host.Jobs.EnqueueAsync(new Greet("Ada"), small, Cancelled));
            }
        }

        await (await host.Jobs.EnqueueAsync(new Greet("Ada"), small, Cancelled)).WaitAsync(Cancelled);
    }

    [Fact]
    public async Task A_task_of_the_process_that_is_started_inside_a_scope_does_not_run_in_it()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddJobs());
        var seen = new TaskCompletionSource<Transaction?>();
        using (AmbientEnqueue.Scope())
        {
            host.Services.GetRequiredService<IBackgroundTaskQueue>().Enqueue((_, _) =>
            {
                seen.SetResult(Transaction.Current);
                return Task.CompletedTask;
            });

            (await seen.Task.WaitAsync(Cancelled)).ShouldBeNull();
        }
    }

    [Fact]
    public async Task Tasks_that_were_added_inside_a_scope_run_outside_it_and_may_enqueue()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddJobs());
        var ran = new TaskCompletionSource<JobId>();
        using (AmbientEnqueue.Scope())
        {
            using var scope = host.Services.CreateScope();
            var tasks = scope.ServiceProvider.GetRequiredService<BackgroundTasks>();
            tasks.Enqueue(new Greet("Ada"));
            tasks.Add(async (IJobClient jobs) => ran.SetResult((await jobs.EnqueueAsync(new Greet("Bob"))).Id));
        }

        await host.Jobs.WaitAsync(await ran.Task.WaitAsync(Cancelled), Cancelled);
        host.Log.Lines.ShouldNotContain(static l => l.Level >= LogLevel.Error);
    }
}
