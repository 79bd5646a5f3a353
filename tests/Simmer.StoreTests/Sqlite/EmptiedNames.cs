using Simmer.Storage;

namespace Simmer.StoreTests.Sqlite;

/// <summary>Another program takes the names of queues and kinds out of the file under a living process: what is acknowledged from then on is there and runs.</summary>
public sealed class EmptiedNames : SqliteTest
{
    [Theory]
    [InlineData("DELETE FROM simmer_queue")]
    [InlineData("DELETE FROM simmer_kind")]
    [InlineData("DELETE FROM simmer_queue; DELETE FROM simmer_kind; DELETE FROM sqlite_sequence")]
    [InlineData("DELETE FROM simmer_kind WHERE name = 'sort-letters'")]
    [InlineData("DELETE FROM simmer_queue; DELETE FROM sqlite_sequence; INSERT INTO simmer_queue(name) VALUES('another')")]
    public async Task What_is_acknowledged_after_names_were_taken_out_is_found_by_every_process_and_runs(string emptied)
    {
        var (store, other) = (await OpenAsync(), await OpenAsync());
        var (worker, elsewhere) = (await RegisterAsync(store), await RegisterAsync(other));
        await elsewhere.EnqueueAsync(Some.Draft(queue: "elsewhere"));
        var before = Some.Draft(queue: "elsewhere");
        await worker.EnqueueAllAsync(before, Some.Draft(queue: "elsewhere", kind: "burn-letters"));
        using (var foreign = Connect())
        {
            Execute(foreign, emptied);
        }

        var (job, beside) = (Some.Draft(), Some.Draft(queue: "new", kind: "write-letters"));
        (await worker.EnqueueAllAsync(job, beside)).ShouldAllBe(static r => r.Status == EnqueueStatus.Stored);

        (await elsewhere.ClaimAsync(5)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(c => c.Job.Id.ShouldBe(job.Id), c => c.Job.Kind.ShouldBe(Some.Kind));
        (await elsewhere.ClaimAsync(5, "new")).ShouldHaveSingleItem().Job.Id.ShouldBe(beside.Id);
        if (!emptied.Contains("'another'", StringComparison.Ordinal))
        {
            (await elsewhere.ClaimAsync(5, "elsewhere")).Select(static c => (c.Job.Id, c.Job.Kind)).ShouldContain((before.Id, Some.Kind), "what was stored before keeps its names");
        }

        (await store.Browser.GetAsync([job.Id], Token))[0]!.Queue.ShouldBe(Some.Queue);
    }
}
