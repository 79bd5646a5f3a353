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

        report.Enqueues.Select(r => r.Status).ShouldBe([EnqueueStatus.Refused, EnqueueStatus.Refused, EnqueueStatus.Stored, EnqueueStatus.Stored]);
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
}
