using System.Data.Common;
using System.Globalization;
using Simmer.Storage;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Conformance;

/// <summary>A job ends inside a transaction of its handler's own, beside whatever that does: here it adds a row to a table of the
/// application.</summary>
public abstract class SettlingWithin<TFactory> : WorkflowTest<TFactory>
    where TFactory : ITransactionalStoreFactory, new()
{
    [Fact]
    [Trait("Rule", "24")]
    public async Task It_takes_effect_with_the_commit_and_not_before()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        await using var own = await OwnAsync();
        await using var transaction = await own.BeginTransactionAsync(Token);
        await EffectAsync(transaction);

        (await WithinAsync(transaction, Some.Settlement(claim.Token, result: "1"u8.ToArray())))
            .ShouldBe(new SettleReport(true, JobState.Succeeded));
        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Running);
        await transaction.CommitAsync(Token);

        var record = await GetAsync(claim.Job.Id);
        (record.State, record.Run, record.FinishedAt).ShouldBe((JobState.Succeeded, 1, Now));
        record.Result!.Value.ToArray().ShouldBe("1"u8.ToArray());
        (await EffectsAsync(own)).ShouldBe(1);
        (await Worker.SettleAsync(claim, JobState.Failed)).ShouldBe(new SettleReport(false, JobState.Succeeded));
    }

    [Fact]
    public async Task Rolled_back_it_never_was_and_the_lease_holds()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        await using var own = await OwnAsync();
        for (var i = 0; i < 2; i++)
        {
            await using var transaction = await own.BeginTransactionAsync(Token);
            await EffectAsync(transaction);
            (await WithinAsync(transaction, Some.Settlement(claim.Token))).Settled.ShouldBeTrue();
            await transaction.RollbackAsync(Token);
        }

        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Running);
        (await EffectsAsync(own)).ShouldBe(0);
        (await Worker.SettleAsync(claim, JobState.Succeeded)).ShouldBe(new SettleReport(true, JobState.Succeeded));
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task A_run_whose_job_was_rescued_settles_nothing_and_the_rest_of_the_transaction_is_left_alone()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var other = await NewWorkerAsync("other");
        _ = await KillAsync(Worker);
        var again = (await other.ClaimAsync(maySuspect: true)).ShouldHaveSingleItem();
        await using var own = await OwnAsync();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            await EffectAsync(transaction);
            (await WithinAsync(transaction, Some.Settlement(claim.Token))).ShouldBe(new SettleReport(false, JobState.Running));
            await transaction.CommitAsync(Token);
        }

        (await EffectsAsync(own)).ShouldBe(1);
        (await other.SettleAsync(again, JobState.Succeeded)).ShouldBe(new SettleReport(true, JobState.Succeeded));
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task Another_workers_number_or_another_run_is_no_lease()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var other = await NewWorkerAsync("other");
        await using var own = await OwnAsync();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            (await WithinAsync(transaction, Some.Settlement(claim.Token), other)).Settled.ShouldBeFalse();
            (await WithinAsync(transaction, Some.Settlement(claim.Token with { Run = 2 }))).Settled.ShouldBeFalse();
            (await WithinAsync(transaction, Some.Settlement(claim.Token with { Id = Some.Id() })))
                .ShouldBe(new SettleReport(false, JobState.Unknown));
            await transaction.CommitAsync(Token);
        }

        (await Worker.SettleAsync(claim, JobState.Succeeded)).Settled.ShouldBeTrue();
    }

    [Fact]
    public async Task Twice_in_one_transaction_the_second_finds_nothing_to_settle()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        await using var own = await OwnAsync();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            (await WithinAsync(transaction, Some.Settlement(claim.Token))).Settled.ShouldBeTrue();
            (await WithinAsync(transaction, Some.Settlement(claim.Token, JobState.Failed))).Settled.ShouldBeFalse();
            await transaction.CommitAsync(Token);
        }

        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task One_that_is_kept_for_no_time_is_gone_with_the_commit()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        await using var own = await OwnAsync();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            (await WithinAsync(transaction, Some.Settlement(claim.Token, keepFor: TimeSpan.Zero)))
                .ShouldBe(new SettleReport(true, JobState.Succeeded));
            await transaction.CommitAsync(Token);
        }

        (await FindAsync(claim.Job.Id)).ShouldBeNull();
    }

    [Fact]
    [Trait("Rule", "12")]
    public async Task It_wins_over_a_cancel_that_was_asked_for()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        (await CancelAsync(claim.Job.Id)).Result.ShouldBe(CancelResult.Requested);
        await using var own = await OwnAsync();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            (await WithinAsync(transaction, Some.Settlement(claim.Token))).ShouldBe(new SettleReport(true, JobState.Succeeded));
            await transaction.CommitAsync(Token);
        }

        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Succeeded);
        (await BeatAsync(Worker)).Cancels.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_an_end_is_settled_as_well()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        await using var own = await OwnAsync();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            var later = Some.Settlement(claim.Token, JobState.Scheduled, delay: Some.Day, error: Some.Error());
            (await WithinAsync(transaction, later)).ShouldBe(new SettleReport(true, JobState.Scheduled));
            await transaction.CommitAsync(Token);
        }

        var record = await GetAsync(claim.Job.Id);
        (record.State, record.DueAt).ShouldBe((JobState.Scheduled, Now + Some.Day));
        record.Errors.ShouldHaveSingleItem().Message.ShouldBe("no ink");
    }

    [Fact]
    [Trait("Rule", "24")]
    public async Task Those_that_wait_for_a_step_are_released_by_the_commit()
    {
        await StoreAsync("a", "b after a", "c after a on AnyFailed", "d after a=left", "e after a=right");
        var a = await ClaimAsync("a");
        await using var own = await OwnAsync();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            (await WithinAsync(transaction, End(a, branch: "left"))).ShouldBe(new SettleReport(true, JobState.Succeeded));
            (await StatesAsync()).ShouldBe("Running: a Running, b Waiting, c Waiting, d Waiting, e Waiting");
            await transaction.CommitAsync(Token);
        }

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Ready, c Skipped, d Ready, e Skipped");
        await EndAllAsync("b", "d");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    [Trait("Rule", "25")]
    public async Task A_rollback_releases_nobody()
    {
        await StoreAsync("a", "b after a", "finally");
        var a = await ClaimAsync("a");
        await using var own = await OwnAsync();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            (await WithinAsync(transaction, End(a, added: SomeFlow.Added("x")))).Settled.ShouldBeTrue();
            await transaction.RollbackAsync(Token);
        }

        (await StatesAsync()).ShouldBe("Running: a Running, b Waiting, finally Waiting");
        (await Worker.SettleAsync(End(a))).Settled.ShouldBeTrue();
        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Ready, finally Waiting");
    }

    [Fact]
    [Trait("Rule", "27")]
    public async Task Steps_that_it_adds_are_there_with_the_commit_and_those_that_wait_wait_for_them_too()
    {
        await StoreAsync("a", "b after a");
        var a = await ClaimAsync("a");
        await using var own = await OwnAsync();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            (await WithinAsync(transaction, End(a, added: SomeFlow.Added("x", "y")))).Settled.ShouldBeTrue();
            await transaction.CommitAsync(Token);
        }

        (await StatesAsync()).ShouldBe("Running: a Succeeded, b Waiting, x Ready, y Ready");
        await EndAsync("x");
        (await StepAsync("b")).Job.State.ShouldBe(JobState.Waiting);
        await EndAllAsync("y", "b");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task A_job_may_be_enqueued_and_another_settled_in_one_transaction()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var next = Some.Draft();
        await using var own = await OwnAsync();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            _ = await Transactional.EnqueueWithinAsync(transaction, [next], Now, Token);
            (await WithinAsync(transaction, Some.Settlement(claim.Token))).Settled.ShouldBeTrue();
            await transaction.CommitAsync(Token);
        }

        (await Worker.ClaimAsync()).ShouldHaveSingleItem().Job.Id.ShouldBe(next.Id);
    }

    [Fact]
    public async Task Ids_that_belong_to_others_are_refused_within_it_with_their_call_and_the_rest_of_the_transaction_is_left_alone()
    {
        await StoreAsync("a", "b after a");
        var (taken, squatted) = (Some.Draft(id: Some.Id()), SomeFlow.Id());
        await Worker.EnqueueAllAsync(taken, Some.Draft(id: squatted.Step(2)));
        await using var own = await OwnAsync();
        var beside = Some.Draft();
        await using (var transaction = await own.BeginTransactionAsync(Token))
        {
            await EffectAsync(transaction);
            JobDraft[] bad = [Some.Draft(id: Flow.Id.Step(1)), Some.Draft(id: Flow.Id.Step(3)),
                Some.Draft(id: WorkflowId.For("order-1").Step(1)), Some.Draft(kind: "write-letters", id: taken.Id), Some
                .Draft(id: default(JobId))];
            foreach (var job in bad)
            {
                (await Transactional.EnqueueWithinAsync(transaction, [beside, job], Now, Token))
                    .ShouldAllBe(static r => r.Status == EnqueueStatus.Refused);
            }

            (await Transactional.EnqueueWorkflowWithinAsync(transaction, SomeFlow.Draft(SomeFlow.Parse("a", "b"), squatted), Now,
                Token)).Error!.Message.ShouldContain("its step 2 would have the id");
            (await Transactional.EnqueueWithinAsync(transaction, [Some.Draft(id: taken.Id), Some.Draft()], Now, Token))
                .Select(static r => r.Status).ShouldBe([EnqueueStatus.Duplicate, EnqueueStatus.Stored]);
            await transaction.CommitAsync(Token);
        }

        (await EffectsAsync(own)).ShouldBe(1);
        (await FindAsync(beside.Id)).ShouldBeNull();
        (await Worker.ClaimAsync(10)).Count.ShouldBe(4);
    }

    private ITransactionalStore Transactional => (ITransactionalStore)Store;

    private ValueTask<SettleReport> WithinAsync(DbTransaction transaction, Settlement settlement, TestWorker? worker = null) =>
        Transactional.SettleWithinAsync(transaction, (worker ?? Worker).Id, settlement, Now, Token);

    /// <summary>A connection of the application's own, to a database with a table of its own.</summary>
    private async Task<DbConnection> OwnAsync()
    {
        var own = await Factory.ConnectAsync();
        await using var command = own.CreateCommand();
        command.CommandText = "CREATE TABLE effect(n INTEGER)";
        _ = await command.ExecuteNonQueryAsync(Token);
        return own;
    }

    private static async Task EffectAsync(DbTransaction transaction)
    {
        await using var command = transaction.Connection!.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, "INSERT INTO effect(n) VALUES(1)");
        _ = await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<int> EffectsAsync(DbConnection own)
    {
        await using var command = own.CreateCommand();
        command.CommandText = "SELECT count(*) FROM effect";
        return Convert.ToInt32(await command.ExecuteScalarAsync(Token), CultureInfo.InvariantCulture);
    }
}
