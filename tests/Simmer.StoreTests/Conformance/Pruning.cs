namespace Simmer.StoreTests.Conformance;

public abstract class Pruning<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_finished_job_is_deleted_when_its_time_is_over()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(claim, JobState.Succeeded, TimeSpan.FromHours(1));
        Pass(TimeSpan.FromMinutes(59));
        (await PruneAsync()).Deleted.ShouldBe(0);
        Pass(TimeSpan.FromMinutes(1));

        var report = await PruneAsync();

        (report.Deleted, report.Expired.Count, report.More).ShouldBe((1, 0, false));
        (await FindAsync(claim.Job.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task The_limit_is_kept_and_reaching_it_is_said()
    {
        _ = await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft(), Some.Draft());
        foreach (var claim in await Worker.ClaimAsync(3))
        {
            _ = await Worker.SettleAsync(claim, JobState.Succeeded, TimeSpan.FromHours(1));
        }

        Pass(TimeSpan.FromHours(1));

        (await PruneAsync(2)).ShouldSatisfyAllConditions(r => r.Deleted.ShouldBe(2), r => r.More.ShouldBeTrue());
        (await PruneAsync(2)).ShouldSatisfyAllConditions(r => r.Deleted.ShouldBe(1), r => r.More.ShouldBeFalse());
    }

    [Fact]
    public async Task A_job_kept_for_ever_stays()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(claim, JobState.Succeeded, TimeSpan.MaxValue);
        Pass(TimeSpan.FromDays(10_000));

        (await PruneAsync()).Deleted.ShouldBe(0);

        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task Unfinished_jobs_are_never_pruned()
    {
        _ = await Worker.StartAsync(Some.Draft());
        _ = await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft(dueAt: Now.AddHours(1)));
        Pass(TimeSpan.FromDays(10_000));

        (await PruneAsync()).Deleted.ShouldBe(0);
    }
}
