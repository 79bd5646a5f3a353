using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

public abstract class Groups<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_group_is_stored_all_or_none()
    {
        var (first, bad, alone, other) = (Some.Draft(), Some.Draft(uniqueKey: "a\0b"), Some.Draft(), Some.Draft());

        var report = await Worker.FlushAsync(enqueues: [new(first, false, 1), new(bad, false, 1), new(alone, false), new(other, false, 2)]);

        report.Enqueues.Select(r => r.Status)
            .ShouldBe([EnqueueStatus.Refused, EnqueueStatus.Refused, EnqueueStatus.Stored, EnqueueStatus.Stored]);
        report.Enqueues[0].Error.ShouldNotBeNull();
        (await FindAsync(first.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task A_duplicate_does_not_keep_its_group_out()
    {
        _ = await Worker.EnqueueAsync(Some.Draft(uniqueKey: "held"));

        var report = await Worker.FlushAsync(enqueues: [new(Some.Draft(), false, 1), new(Some.Draft(uniqueKey: "held"), false, 1)]);

        report.Enqueues.Select(r => r.Status).ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Duplicate]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_stores_nothing_if_the_same_flush_has_given_one_of_its_ids_to_another_kind(bool withinTheCall)
    {
        var (taker, first) = (Given(), Some.Draft());
        var late = Some.Draft(kind: "write-letters", id: taker.Id);

        var report = await Worker.FlushAsync(
            enqueues: [new(taker, false, withinTheCall ? 1 : 0), new(first, false, 1), new(late, false, 1)]);

        report.Enqueues.Select(static e => e.Status).ShouldBe(
            [withinTheCall ? EnqueueStatus.Refused : EnqueueStatus.Stored, EnqueueStatus.Refused, EnqueueStatus.Refused]);
        (await FindAsync(first.Id)).ShouldBeNull();
        (await FindAsync(taker.Id) is not null).ShouldBe(!withinTheCall);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Rule", "19")]
    public async Task Jobs_of_one_flush_are_claimed_in_its_order_whatever_calls_they_came_in(bool oneCallIsRefused)
    {
        var taken = Some.Draft(id: Some.Id(), queue: "elsewhere");
        _ = await Worker.EnqueueAsync(taken);
        EnqueueRequest[] requests =
        [
            new(Some.Draft(), false), new(Given(), false, 1), new(Some.Draft(), false, 1), new(Some.Draft(), false), new(Given(), false),
            new(Some.Draft(), false, 2), new(oneCallIsRefused ? Some.Draft(kind: "write-letters", id: taken.Id) : Given(), false, 2),
            new(Some.Draft(uniqueKey: "k"), false), new(Some.Draft(), false, 3), new(Some.Draft(), false, 3), new(Given(), false, 4),
                new(Given(), false, 4), new(Some.Draft(), false),
        ];

        var report = await Worker.FlushAsync(enqueues: requests);

        report.Enqueues.Select(static e => e.Status)
            .ShouldBe(requests.Select(r => oneCallIsRefused && r.Group == 2 ? EnqueueStatus.Refused : EnqueueStatus.Stored));
        (await Worker.ClaimAsync(20)).Select(static c => c.Job.Id)
            .ShouldBe(requests.Where(r => !oneCallIsRefused || r.Group != 2).Select(static r => r.Job.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Rule", "20")]
    public async Task A_call_that_gives_ids_starts_at_once_unless_a_job_before_it_in_its_flush_is_ready(bool isFirst)
    {
        EnqueueRequest[] call = [new(Given(), true, 1), new(Some.Draft(), true, 1)];
        EnqueueRequest waits = new(Some.Draft(), false);

        var report = await Worker.FlushAsync(enqueues: isFirst ? [.. call, waits] : [waits, .. call]);

        report.Enqueues.Select(static e => e.Status).ShouldBe(isFirst
            ? [EnqueueStatus.Dispatched, EnqueueStatus.Dispatched, EnqueueStatus.Stored]
            : [EnqueueStatus.Stored, EnqueueStatus.Stored, EnqueueStatus.Stored]);
    }

    private static JobDraft Given() => Some.Draft(id: Some.Id());
}
