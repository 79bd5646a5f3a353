using Simmer.Storage;

namespace Simmer.StoreTests.Sqlite;

public sealed class Sharing : SqliteTest
{
    [Fact]
    [Trait("Rule", "36")]
    public async Task A_commit_reaches_another_store_by_its_signal_and_not_by_a_poll()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        var (sender, _) = (await RegisterAsync(one), await RegisterAsync(two));
        var wakeups = (Simmer.Sqlite.SqliteWakeups)two.Wakeups;
        wakeups.Beside = TimeSpan.FromHours(1);
        var (first, woken) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var listening = wakeups.Listen(queues => _ = first.TrySetResult() || woken.TrySetResult());
        await first.Task.WaitAsync(Token);

        _ = await sender.EnqueueAsync(Some.Draft());

        await woken.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
        wakeups.Signals.ShouldBeGreaterThan(0);
    }

    [Fact]
    [Trait("Rule", "36")]
    public async Task A_store_alone_on_its_file_writes_no_signal()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        _ = await worker.EnqueueAsync(Some.Draft());
        _ = await worker.ClaimAsync();

        store.Writer.Signals.Written
            .ShouldBeLessThanOrEqualTo(1, "only the registration itself may have taken the new worker for another's");
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task Stores_that_claim_from_one_file_at_once_never_get_the_same_job()
    {
        var workers = new[] { await RegisterAsync(await OpenAsync()), await RegisterAsync(await OpenAsync()) };
        _ = await workers[0].EnqueueAllAsync([.. Enumerable.Range(0, 200).Select(static _ => Some.Draft())]);

        var claimed = await Task.WhenAll(workers.Select(static worker => Task.Run(async () =>
        {
            var mine = new List<JobId>();
            while (await worker.ClaimAsync(3) is { Count: > 0 } claims)
            {
                mine.AddRange(claims.Select(static claim => claim.Job.Id));
            }

            return mine;
        }, Token)));

        var all = claimed.SelectMany(static ids => ids).ToList();
        all.Count.ShouldBe(200);
        all.Distinct().Count().ShouldBe(200);
    }

    [Fact]
    [Trait("Rule", "6")]
    public async Task A_running_job_whose_owner_has_no_row_is_swept_up()
    {
        var store = await OpenAsync();
        var (dead, other) = (await RegisterAsync(store), await RegisterAsync(store));
        var claim = await dead.StartAsync(Some.Draft());
        using (var connection = Connect())
        {
            Execute(connection, $"DELETE FROM simmer_worker WHERE id = {dead.Id.Value}");
        }

        var report = await store.RescueAsync(new RescueRequest([], Some.Lease, SweepOrphans: true), Now, Token);

        report.Rescued.ShouldBe([claim.Job.Id]);
        (await other.ClaimAsync(maySuspect: true)).ShouldHaveSingleItem().Suspect.ShouldBeTrue();
    }

    [Fact]
    public async Task The_write_ahead_log_of_a_process_that_was_killed_is_recovered()
    {
        var worker = await RegisterAsync(await OpenAsync());
        _ = await worker.EnqueueAllAsync(Some.Draft(), Some.Draft());
        var copy = Path.Combine(DirectoryPath, "copy.db");
        foreach (var suffix in new[] { "", "-wal" })
        {
            File.Copy(FilePath + suffix, copy + suffix);
        }

        var survivor = await OpenAsync(path: copy);

        (await survivor.Browser.ListAsync(new JobQuery(), Token)).Count.ShouldBe(2);
    }
}
