using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

public abstract class Deleting<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task Jobs_that_do_not_run_are_deleted_and_running_ones_left()
    {
        var running = await Worker.StartAsync(Some.Draft());
        var (finished, ready, scheduled) = (Some.Draft(queue: "other"), Some.Draft(), Some.Draft(dueAt: Now.AddHours(1)));
        _ = await Worker.SettleAsync(await Worker.StartAsync(finished), JobState.Succeeded);
        _ = await Worker.EnqueueAllAsync(ready, scheduled);

        (await Store.DeleteAsync([running.Job.Id, finished.Id, ready.Id, scheduled.Id, Some.Id()], Now, Token)).ShouldBe(3);

        (await Store.Browser.GetAsync([finished.Id, ready.Id, scheduled.Id], Token)).ShouldAllBe(r => r == null);
        (await StateOfAsync(running.Job.Id)).ShouldBe(JobState.Running);
        (await Worker.ClaimAsync(5)).ShouldBeEmpty();
        (await Store.Browser.CountAsync(Token)).ShouldBe([new JobCount(Some.Queue, JobState.Running, 1)]);
    }

    [Fact]
    public async Task A_deleted_id_can_be_used_again()
    {
        var job = Some.Draft(id: Some.Id());
        _ = await Worker.EnqueueAsync(job);
        _ = await Store.DeleteAsync([job.Id], Now, Token);

        (await Worker.EnqueueAsync(job)).Status.ShouldBe(EnqueueStatus.Stored);
    }
}
