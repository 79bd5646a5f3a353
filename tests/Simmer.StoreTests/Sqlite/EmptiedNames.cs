using Simmer.Storage;

namespace Simmer.StoreTests.Sqlite;

/// <summary>Another program deletes the names of queues and kinds from the file while a process runs. What is acknowledged from then on is
/// stored and runs.</summary>
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

        (await elsewhere.ClaimAsync(5)).ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(c => c.Job.Id.ShouldBe(job.Id), c => c.Job.Kind.ShouldBe(Some.Kind));
        (await elsewhere.ClaimAsync(5, "new")).ShouldHaveSingleItem().Job.Id.ShouldBe(beside.Id);
        if (!emptied.Contains("'another'", StringComparison.Ordinal))
        {
            (await elsewhere.ClaimAsync(5, "elsewhere")).Select(static c => (c.Job.Id, c.Job.Kind))
                .ShouldContain((before.Id, Some.Kind), "what was stored before keeps its names");
        }

        (await store.Browser.GetAsync([job.Id], Token))[0]!.Queue.ShouldBe(Some.Queue);
    }

    [Theory]
    [InlineData("ABORT")]
    [InlineData("FAIL")]
    [InlineData("ROLLBACK")]
    public async Task Names_that_were_put_back_by_a_transaction_that_was_undone_are_put_back_by_the_next(string way)
    {
        var worker = await RegisterAsync(await OpenAsync());
        var (before, beside) = (Some.Draft(queue: "elsewhere", kind: "burn-letters"), Some.Draft(priority: 666));
        await worker.EnqueueAllAsync(before, beside);
        var claim = (await worker.ClaimAsync()).ShouldHaveSingleItem();
        TakeOut($"CREATE TRIGGER bad BEFORE DELETE ON simmer_job WHEN OLD.priority = 666 BEGIN SELECT RAISE({way}, 'not this one'); END");

        // The transaction that puts the names back settles first, and is undone for the sake of that.
        var late = Some.Draft(queue: "new", kind: "write-letters");
        var report = await worker.FlushAsync(settlements: [Some.Settlement(claim.Token)], enqueues: [new(late, false)]);

        (report.Refusals.ShouldHaveSingleItem().Token, report.Enqueues[0].Status).ShouldBe((claim.Token, EnqueueStatus.Stored));
        await AllAreFoundAsync(before, late);
    }

    [Fact]
    public async Task Names_are_put_back_by_a_call_of_the_next_transaction_where_the_first_call_to_notice_is_refused()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var before = Some.Draft(queue: "elsewhere", kind: "burn-letters");
        await worker.EnqueueAllAsync(before, Some.Draft());
        TakeOut("CREATE TRIGGER bad BEFORE UPDATE ON simmer_queue BEGIN SELECT RAISE(ABORT, 'not paused'); END");
        _ = await Should.ThrowAsync<StoreException>(async () => await store.PauseQueueAsync("elsewhere", null, null, Now, Token));

        var late = Some.Draft(queue: "new", kind: "write-letters");
        await worker.EnqueueAllAsync(late);

        await AllAreFoundAsync(before, late);
    }

    [Fact]
    public async Task Names_that_were_taken_out_are_put_back_although_something_was_undone_before_anybody_noticed()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var (before, bad) = (Some.Draft(queue: "elsewhere", kind: "burn-letters"), Some.Draft(priority: 666));
        await worker.EnqueueAllAsync(before, bad);
        TakeOut("CREATE TRIGGER bad BEFORE INSERT ON simmer_history BEGIN SELECT RAISE(ABORT, 'not this one'); END");
        (await store.CancelAsync([bad.Id], null, Now, Token))[0].Error.ShouldNotBeNull();

        var late = Some.Draft(queue: "new", kind: "write-letters");
        await worker.EnqueueAllAsync(late);

        await AllAreFoundAsync(before, late);
    }

    [Fact]
    public async Task Names_that_were_added_by_a_transaction_that_was_undone_are_not_taken_for_stored()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        using (var foreign = Connect())
        {
            Execute(foreign,
                "CREATE TRIGGER bad BEFORE INSERT ON simmer_job WHEN NEW.priority = 666 BEGIN SELECT RAISE(ROLLBACK, 'not this one'); END");
        }

        var good = Some.Draft(queue: "elsewhere", kind: "burn-letters");
        (await worker.EnqueueAllAsync(Some.Draft(queue: "new", kind: "write-letters", priority: 666), good)).Select(static r => r.Status)
            .ShouldBe([EnqueueStatus.Refused, EnqueueStatus.Stored]);

        (await (await RegisterAsync(await OpenAsync())).ClaimAsync(5, "elsewhere")).ShouldHaveSingleItem().Job
            .ShouldSatisfyAllConditions(j => j.Id.ShouldBe(good.Id), static j => j.Kind.ShouldBe("burn-letters"));
    }

    private void TakeOut(string also)
    {
        using var foreign = Connect();
        Execute(foreign,
            $"{also}; DELETE FROM simmer_queue; DELETE FROM simmer_kind; DELETE FROM sqlite_sequence WHERE name IN ('simmer_queue', "
            + "'simmer_kind')");
    }

    private async Task AllAreFoundAsync(params JobDraft[] jobs)
    {
        var elsewhere = await RegisterAsync(await OpenAsync());
        foreach (var job in jobs)
        {
            (await elsewhere.ClaimAsync(5, job.Queue)).Select(static c => (c.Job.Id, c.Job.Kind))
                .ShouldBe([(job.Id, job.Kind)], $"in queue {job.Queue}");
        }
    }
}
