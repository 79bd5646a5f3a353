using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>An operator in this process, and the jobs and the worker of another.</summary>
public class Operating
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_in_one_process_steers_the_jobs_of_a_worker_in_another()
    {
        await using var fleet = await Fleet.StartAsync();
        var worker = await fleet.SpawnReadyAsync(static l => l with { Concurrency = 4 });
        var (op, client) = (fleet.Operator, fleet.Client);
        await op.PauseQueueAsync("default", "the mail server is away", "ada", Token);
        var kept = await fleet.EnqueueAsync(150, static () => new Count(1));
        var half = await fleet.EnqueueAsync(150, static () => new Count(1), new EnqueueOptions { Tags = ["half"] });
        _ = await client.EnqueueManyAsync(Enumerable.Range(0, 20).Select(static _ => new Count(1)), new EnqueueOptions { Tags = ["none"] },
            Token);

        // What comes after them in another queue is done, so the pause is why they are not.
        _ = await fleet.EnqueueAsync(1, static () => new Bad(BadHow.WorkLong, 1));
        await fleet.SaidAsync("what = 'done' AND kind = 'bad'", 1, s_limit);
        fleet.DidOf("kind = 'count'").ShouldBe(0);

        var queue = (await op.GetQueuesAsync(Token)).Single(static q => q.Name == "default");
        (queue.Ready, queue.Pause?.Reason, queue.Pause?.By).ShouldBe((320, "the mail server is away", "ada"));
        (await ListedAsync(op)).Count.ShouldBe(320);
        (await op.DeleteManyAsync(new JobFilter { Tag = "none" }, new BulkOptions { BatchSize = 7 }, Token)).Changed.ShouldBe(20);
        (await ListedAsync(op)).ShouldBe([.. kept, .. half], ignoreOrder: true);
        var ofHalf = new JobFilter { Tag = "half" };
        var dry = await op.CancelManyAsync(ofHalf, "not now", new BulkOptions { DryRun = true }, Token);
        (dry.Matched, dry.Changed).ShouldBe((150, 0));
        (await op.CancelManyAsync(ofHalf, "not now", new BulkOptions { BatchSize = 40 }, Token)).Changed.ShouldBe(150);

        await op.ResumeQueueAsync("default", Token);
        await fleet.DrainedAsync(s_limit);
        fleet.DidOf("what = 'done' AND kind = 'count'").ShouldBe(150);
        (await op.RetryManyAsync(ofHalf with { State = JobState.Cancelled }, null, Token)).Changed.ShouldBe(150);
        await fleet.DrainedAsync(s_limit);
        (await op.CountAsync(new JobFilter { Kind = "count", State = JobState.Succeeded }, cancellationToken: Token)).ShouldBe(300);
        await worker.StopAsync();
        await fleet.EndAsync("an operator");
    }

    private static async Task<List<JobId>> ListedAsync(IJobOperator op)
    {
        var ids = new List<JobId>();
        for (JobId? after = null; ;)
        {
            var page = await op.ListAsync(new JobFilter { Queue = "default" }, limit: 100, after, Token);
            ids.AddRange(page.Jobs.Select(static j => j.Id));
            if (page.Next is not { } next)
            {
                return ids;
            }

            after = next;
        }
    }
}
