namespace Simmer.Tests.Engine;

public sealed class RunningJobsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_runs_and_its_waiter_learns_of_its_end()
    {
        var greeted = new TaskCompletionSource<string>();
        await using var host = await EngineHost.StartAsync(s => s.AddJob((Greet job, CancellationToken _) =>
        {
            greeted.SetResult(job.Name);
            return Task.CompletedTask;
        }));

        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await handle.WaitAsync(Cancelled);

        (await greeted.Task).ShouldBe("Ada");
        (await handle.GetAsync(Cancelled))!.State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task A_job_gives_its_result()
    {
        await using var host = await EngineHost
            .StartAsync(s => s.AddJob((TakePayment job, CancellationToken _) => Task.FromResult(new Receipt($"R{job.Amount}"))));

        var handle = await host.Jobs.EnqueueAsync(new TakePayment(7), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Number.ShouldBe("R7");
    }

    [Fact]
    public async Task Ten_thousand_jobs_run_once_each()
    {
        var count = 0;
        await using var host = await EngineHost.StartAsync(s => s.AddJob((Greet _, CancellationToken _) =>
        {
            Interlocked.Increment(ref count);
            return Task.CompletedTask;
        }));

        var handles = await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, 10_000).Select(static i => new Greet($"{i}")), cancellationToken: Cancelled);
        foreach (var handle in handles)
        {
            await handle.WaitAsync(Cancelled);
        }

        count.ShouldBe(10_000);
    }
}
