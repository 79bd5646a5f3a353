using Simmer.Storage;

namespace Simmer.StoreTests.Sqlite;

public sealed class Locks : SqliteTest
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);

    [Fact]
    [Trait("Rule", "16")]
    public async Task A_plain_enqueue_inside_an_open_write_transaction_fails_in_bounded_time_naming_Within_and_works_after_it()
    {
        var worker = await RegisterAsync(await OpenAsync(s_short));
        using var connection = Connect();
        using (var transaction = connection.BeginTransaction(deferred: false))
        {
            var error = await Should.ThrowAsync<StoreException>(async () => await worker.EnqueueAsync(Some.Draft()));
            error.IsTransient.ShouldBeTrue();
            error.OutcomeUnknown.ShouldBeFalse();
            error.Message.ShouldContain("Within");
        }

        (await worker.EnqueueAsync(Some.Draft())).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task A_job_enqueued_within_a_transaction_exists_after_its_commit()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        using var connection = Connect();
        using var transaction = connection.BeginTransaction();
        var draft = Some.Draft(kind: "write-letters");

        var reports = await store.EnqueueWithinAsync(transaction, [draft], Now, Token);
        reports[0].Status.ShouldBe(EnqueueStatus.Stored);
        (await store.Browser.GetAsync([draft.Id], Token))[0].ShouldBeNull();
        transaction.Commit();

        (await worker.ClaimAsync()).ShouldHaveSingleItem().Job.Kind.ShouldBe("write-letters");
    }

    [Fact]
    public async Task A_job_enqueued_within_a_transaction_is_gone_with_its_rollback_and_so_are_its_names()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var draft = Some.Draft(kind: "burn-letters", queue: "fire");
        using (var connection = Connect())
        using (var transaction = connection.BeginTransaction())
        {
            _ = await store.EnqueueWithinAsync(transaction, [draft], Now, Token);
            transaction.Rollback();
        }

        _ = await worker.EnqueueAsync(Some.Draft(kind: "write-letters", queue: "desk"));
        _ = await worker.EnqueueAsync(draft);
        (await worker.ClaimAsync(queue: "fire")).ShouldHaveSingleItem().Job.Kind.ShouldBe("burn-letters");
    }

    [Fact]
    [Trait("Rule", "35")]
    public async Task A_listener_learns_of_a_commit_of_the_callers_own_transaction()
    {
        var store = await OpenAsync();
        var wakeups = (Simmer.Sqlite.SqliteWakeups)store.Wakeups;
        wakeups.Beside = TimeSpan.FromHours(1);
        var (first, woken) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var listening = wakeups.Listen(queues => _ = first.TrySetResult() || woken.TrySetResult());
        await first.Task.WaitAsync(Token);
        using var connection = Connect();
        using var transaction = connection.BeginTransaction();
        _ = await store.EnqueueWithinAsync(transaction, [Some.Draft()], Now, Token);
        transaction.Commit();

        await woken.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    [Trait("Rule", "16")]
    public async Task A_settlement_behind_a_read_that_is_out_of_date_is_refused_as_transient_and_leaves_the_transaction_open()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var claim = await worker.StartAsync(Some.Draft());
        using var connection = Connect();
        using var transaction = connection.BeginTransaction(deferred: true);
        Execute(connection, "SELECT count(*) FROM simmer_job", transaction);
        _ = await worker.EnqueueAsync(Some.Draft());

        var error = await Should
            .ThrowAsync<StoreException>(async () => await store
            .SettleWithinAsync(transaction, worker.Id, Some.Settlement(claim.Token), Now, Token));

        error.IsTransient.ShouldBeTrue();
        Execute(connection, "SELECT count(*) FROM simmer_job", transaction);
        transaction.Rollback();
        (await worker.SettleAsync(claim, JobState.Succeeded)).Settled.ShouldBeTrue();
    }

    [Fact]
    public async Task A_transaction_on_another_file_is_refused_with_both_names()
    {
        var store = await OpenAsync();
        using var connection = Connect(Path.Combine(DirectoryPath, "other.db"));
        using var transaction = connection.BeginTransaction();
        store.WhyNot(transaction).ShouldNotBeNull().ShouldContain("other.db");
    }
}
