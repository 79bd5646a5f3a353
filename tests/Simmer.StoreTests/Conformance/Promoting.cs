namespace Simmer.StoreTests.Conformance;

public abstract class Promoting<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task What_is_due_becomes_ready()
    {
        var (soon, other, late) =
            (Some.Draft(dueAt: Now.AddMinutes(1)), Some.Draft(queue: "other", dueAt: Now.AddMinutes(1)),
                Some.Draft(dueAt: Now.AddMinutes(2)));
        _ = await Worker.EnqueueAllAsync(soon, other, late);
        (await PromoteAsync()).Count.ShouldBe(0);
        Pass(TimeSpan.FromMinutes(1));

        var report = await PromoteAsync();

        report.Count.ShouldBe(2);
        report.Queues.ShouldBe([Some.Queue, "other"], ignoreOrder: true);
        report.NextDue.ShouldBe(late.DueAt);
        var record = await GetAsync(soon.Id);
        (record.State, record.DueAt).ShouldBe((JobState.Ready, null));
        (await Worker.ClaimAsync(5)).ShouldHaveSingleItem().Job.Id.ShouldBe(soon.Id);
    }

    [Fact]
    public async Task A_delay_begins_when_the_job_is_stored()
    {
        var (delayed, endless) = (Some.Draft(delay: TimeSpan.FromMinutes(1)), Some.Draft(delay: TimeSpan.MaxValue));
        Pass(TimeSpan.FromHours(1));
        _ = await Worker.EnqueueAllAsync(delayed, endless, Some.Draft(queue: "other", delay: TimeSpan.Zero));

        (await GetAsync(delayed.Id)).DueAt.ShouldBe(Now.AddMinutes(1));
        (await GetAsync(endless.Id)).DueAt.ShouldBe(DateTimeOffset.MaxValue);
        (await PromoteAsync()).ShouldSatisfyAllConditions(static r => r.Count.ShouldBe(0), r => r.NextDue.ShouldBe(Now.AddMinutes(1)));
        Pass(TimeSpan.FromMinutes(1));
        (await PromoteAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_limit_takes_those_first_that_were_due_first()
    {
        var (second, first) = (Some.Draft(dueAt: Now.AddMinutes(2)), Some.Draft(dueAt: Now.AddMinutes(1)));
        _ = await Worker.EnqueueAllAsync(second, first);
        Pass(TimeSpan.FromMinutes(2));

        var report = await PromoteAsync(1);

        (report.Count, report.NextDue).ShouldBe((1, second.DueAt));
        (await Worker.ClaimAsync(5)).ShouldHaveSingleItem().Job.Id.ShouldBe(first.Id);
    }

    [Fact]
    [Trait("Rule", "19")]
    public async Task A_due_job_takes_the_place_it_was_given_when_it_was_stored()
    {
        var (a, b, c, d) = (Some.Draft(), Some.Draft(dueAt: Now.AddMinutes(2)), Some.Draft(dueAt: Now.AddMinutes(1)), Some.Draft());
        _ = await Worker.EnqueueAllAsync(a, b, c, d);
        Pass(TimeSpan.FromMinutes(1));
        _ = await PromoteAsync();
        Pass(TimeSpan.FromMinutes(1));
        _ = await PromoteAsync();

        (await Worker.ClaimAsync(9)).Select(claim => claim.Job.Id).ShouldBe([a.Id, b.Id, c.Id, d.Id]);
    }
}
