using System.Data.Common;
using System.Diagnostics.Metrics;
using System.Transactions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Simmer.EntityFrameworkCore.Tests.Support;

namespace Simmer.EntityFrameworkCore.Tests;

public abstract class Transactions<TDatabase> : ShopTest<TDatabase>
    where TDatabase : IShopDatabase, new()
{
    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task In_a_transaction_of_ones_own_a_job_is_stored_with_its_commit(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        db.Add("A1");
        var first = db.Jobs().Add(new Pack("A1"));
        await db.SaveAsync(asynchronously);
        var second = db.Jobs().Add(new Ship("A1"));
        await db.SaveAsync(asynchronously);
        (await shop.StoredAsync()).ShouldBeEmpty("the transaction is still open");
        db.Jobs().Count.ShouldBe(0);

        await transaction.CommitAsync(Token);

        (await shop.StoredAsync()).ShouldBe([first.Id, second.Id], ignoreOrder: true);
        (await shop.OrdersAsync()).ShouldBe(["A1"]);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_handle_says_what_became_of_its_job_when_the_transaction_is_committed_and_then_it_counts_as_sent(bool asynchronously,
        bool commits)
    {
        var sent = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument is { Meter.Name: "Simmer", Name: "messaging.client.sent.messages" })
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        var queue = $"own-{Guid.NewGuid():N}";
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => sent += tags.ToArray()
            .Contains(new("messaging.destination.name", queue)) ? value : 0);
        listener.Start();
        await using var own = await OpenAsync(simmer: s => s.AddQueue(queue));
        await using var db = own.NewContext();
        var options = new EnqueueOptions { Queue = queue };
        await using (var transaction = await db.Database.BeginTransactionAsync(Token))
        {
            var (job, flow) = (db.Jobs().Add(new Pack("A1"), options),
                db.Jobs().Add(Chain.Of(new Pack("A1"), options: options).Then(new Pack("A2"), options: options)));
            await db.SaveAsync(asynchronously);
            (job.State, flow.State, sent).ShouldBe((JobState.Unknown, WorkflowState.Unknown, 0));
            if (commits)
            {
                await transaction.CommitAsync(Token);
            }
            else
            {
                await transaction.RollbackAsync(Token);
            }

            (job.State, flow.State, sent)
                .ShouldBe(commits ? (JobState.Ready, WorkflowState.Running, 3) : (JobState.Unknown, WorkflowState.Unknown, 0));
        }

        db.Jobs().Add(new Pack("A3"), options);
        await db.SaveAsync(asynchronously);
        sent.ShouldBe(commits ? 4 : 1);
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Rolled_back_it_never_was_and_a_later_save_does_not_bring_it_back(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        await using (var transaction = await db.Database.BeginTransactionAsync(Token))
        {
            db.Jobs().Add(new Pack("A1"));
            await db.SaveAsync(asynchronously);
            await transaction.RollbackAsync(Token);
        }

        db.Add("A2");
        await db.SaveAsync(asynchronously);

        (await shop.StoredAsync()).ShouldBeEmpty();
        (await shop.OrdersAsync()).ShouldBe(["A2"]);
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_was_added_and_not_saved_is_not_stored_by_a_commit(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        var saved = db.Jobs().Add(new Pack("A1"));
        await db.SaveAsync(asynchronously, accept: false);
        db.Jobs().Add(new Ship("A1"));

        await transaction.CommitAsync(Token);

        (await shop.StoredAsync()).ShouldBe([saved.Id]);
        db.Jobs().Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_save_that_fails_inside_leaves_no_job_behind_and_the_transaction_goes_on(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        db.Add("A1");
        await db.SaveAsync(asynchronously);
        var twin = db.Add("A1");
        db.Jobs().Add(new Pack("A1"));

        _ = await Should.ThrowAsync<DbUpdateException>(() => db.SaveAsync(asynchronously));
        db.Entry(twin).State = EntityState.Detached;
        db.Jobs().Clear();
        await transaction.CommitAsync(Token);

        (await shop.StoredAsync()).ShouldBeEmpty();
        (await shop.OrdersAsync()).ShouldBe(["A1"]);
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_job_that_is_refused_inside_takes_back_only_its_own_save(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await shop.ExecuteAsync(Database.RefuseJobs);
        await using var db = shop.NewContext();
        await using (var transaction = await db.Database.BeginTransactionAsync(Token))
        {
            db.Add("A1");
            await db.SaveAsync(asynchronously);
            db.Add("A2");
            db.Jobs().Add(new Pack("A2"));

            _ = await Should.ThrowAsync<DbUpdateException>(() => db.SaveAsync(asynchronously));

            await transaction.CommitAsync(Token);
        }

        (await shop.OrdersAsync()).ShouldBe(["A1"]);
        await shop.ExecuteAsync(Database.TakeJobs);
        await db.SaveAsync(asynchronously);
        (await shop.OrdersAsync()).ShouldBe(["A1", "A2"]);
        (await shop.KindsAsync()).ShouldBe(["pack"]);
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Back_at_a_savepoint_what_was_not_accepted_is_written_again(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        await transaction.CreateSavepointAsync("here", Token);
        var handle = db.Jobs().Add(new Pack("A1"));
        await db.SaveAsync(asynchronously, accept: false);
        await transaction.RollbackToSavepointAsync("here", Token);

        await db.SaveAsync(asynchronously);
        await transaction.CommitAsync(Token);

        (await shop.StoredAsync()).ShouldBe([handle.Id]);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_commit_that_fails_tells_nothing_as_stored_and_may_be_tried_again(bool asynchronously, bool again)
    {
        var trouble = new Trouble();
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext(o => o.AddInterceptors(trouble));
        JobHandle first;
        await using (var transaction = await db.Database.BeginTransactionAsync(Token))
        {
            first = db.Jobs().Add(new Pack("A1"));
            await db.SaveAsync(asynchronously);
            trouble.Before = 1;
            _ = await Should.ThrowAsync<TroubleException>(() => transaction.CommitAsync(asynchronously));
            first.State.ShouldBe(JobState.Unknown);
            if (again)
            {
                await transaction.CommitAsync(asynchronously);
            }
        }

        first.State.ShouldBe(again ? JobState.Ready : JobState.Unknown);
        await using var next = await db.Database.BeginTransactionAsync(Token);
        var second = db.Jobs().Add(new Ship("A1"));
        await db.SaveAsync(asynchronously);
        await next.CommitAsync(asynchronously);

        (first.State, second.State).ShouldBe((again ? JobState.Ready : JobState.Unknown, JobState.Ready));
        (await shop.StoredAsync()).ShouldBe(again ? [first.Id, second.Id] : [second.Id], ignoreOrder: true);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_commit_that_the_database_turns_into_a_rollback_tells_nothing_as_stored(bool asynchronously, bool accept)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        JobHandle handle;
        await using (var transaction = await db.Database.BeginTransactionAsync(Token))
        {
            handle = db.Jobs().Add(new Pack("A1"));
            await db.SaveAsync(asynchronously, accept);
            await using var command = transaction.GetDbTransaction().Connection!.CreateCommand();
            (command.Transaction, command.CommandText) = (transaction.GetDbTransaction(), "SELECT 1 FROM nowhere");
            _ = await Should.ThrowAsync<DbException>(() => command.ExecuteScalarAsync(Token));

            // SQLite commits. PostgreSQL rolls back, and its driver does not report that.
            await transaction.CommitAsync(asynchronously);
        }

        var isStored = (await shop.StoredAsync()).Contains(handle.Id);
        handle.State.ShouldBe(isStored ? JobState.Ready : JobState.Unknown);
        db.Jobs().Count.ShouldBe(isStored || accept ? 0 : 1);
    }

    [Theory]
    [InlineData(true, "dispose")]
    [InlineData(false, "dispose")]
    [InlineData(true, "savepoint")]
    [InlineData(false, "savepoint")]
    public async Task What_is_gone_with_its_transaction_is_not_told_with_the_next_commit(bool asynchronously, string how)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        var transaction = await db.Database.BeginTransactionAsync(Token);
        await transaction.CreateSavepointAsync("here", Token);
        var gone = db.Jobs().Add(new Pack("A1"));
        await db.SaveAsync(asynchronously);
        if (how == "savepoint")
        {
            await transaction.RollbackToSavepointAsync("here", Token);
        }
        else
        {
            await transaction.DisposeAsync();
            transaction = await db.Database.BeginTransactionAsync(Token);
        }

        var kept = db.Jobs().Add(new Ship("A1"));
        await db.SaveAsync(asynchronously);
        await transaction.CommitAsync(asynchronously);
        await transaction.DisposeAsync();

        (gone.State, kept.State).ShouldBe((JobState.Unknown, JobState.Ready));
        (await shop.StoredAsync()).ShouldBe([kept.Id]);
    }

    [Theory]
    [InlineData(true, "a save that fails")]
    [InlineData(false, "a save that fails")]
    [InlineData(true, "a tracker that is cleared")]
    [InlineData(false, "a tracker that is cleared")]
    [InlineData(true, "jobs that are cleared")]
    public async Task What_stays_in_a_transaction_is_told_when_it_is_committed_whatever_follows_its_save(bool asynchronously, string what)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        db.Add("A1");
        var handle = db.Jobs().Add(new Pack("A1"));
        await db.SaveAsync(asynchronously, accept: what != "jobs that are cleared");
        switch (what)
        {
            case "a save that fails":
                var twin = db.Add("A1");
                _ = await Should.ThrowAsync<DbUpdateException>(() => db.SaveAsync(asynchronously));
                db.Entry(twin).State = EntityState.Detached;
                break;
            case "jobs that are cleared":
                db.Jobs().Clear();
                break;
            default:
                db.ChangeTracker.Clear();
                break;
        }

        handle.State.ShouldBe(JobState.Unknown);
        await transaction.CommitAsync(asynchronously);

        (await shop.StoredAsync()).ShouldBe([handle.Id]);
        (handle.State, db.Jobs().Count).ShouldBe((JobState.Ready, 0));
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_transaction_that_was_begun_outside_of_the_context_is_shared(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        await db.Database.OpenConnectionAsync(Token);
        await using var transaction = await db.Database.GetDbConnection().BeginTransactionAsync(Token);
        await db.Database.UseTransactionAsync(transaction, Token);
        db.Add("A1");
        var handle = db.Jobs().Add(new Pack("A1"));

        await db.SaveAsync(asynchronously);
        (await shop.StoredAsync()).ShouldBeEmpty();
        await transaction.CommitAsync(Token);

        (await shop.StoredAsync()).ShouldBe([handle.Id]);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_transaction_scope_is_refused_before_anything_is_written(bool asynchronously, bool entities)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            if (entities)
            {
                db.Add("A1");
            }

            db.Jobs().Add(new Pack("A1"));

            var error = await Should.ThrowAsync<InvalidOperationException>(() => db.SaveAsync(asynchronously));

            error.Message.ShouldContain("Database.BeginTransaction()");
            scope.Complete();
        }

        (await shop.StoredAsync()).ShouldBeEmpty();
        (await shop.OrdersAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_context_that_begins_no_transactions_is_refused_without_one_and_saves_within_one(bool asynchronously, bool entities)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        db.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
        if (entities)
        {
            db.Add("A1");
        }

        var handle = db.Jobs().Add(new Pack("A1"));

        var error = await Should.ThrowAsync<InvalidOperationException>(() => db.SaveAsync(asynchronously));
        error.Message.ShouldContain("AutoTransactionBehavior is Never");
        (await shop.OrdersAsync()).ShouldBeEmpty();

        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        await db.SaveAsync(asynchronously);
        await transaction.CommitAsync(Token);
        (await shop.StoredAsync()).ShouldBe([handle.Id]);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_context_on_another_database_is_refused_with_the_reason_and_nothing_is_saved(bool asynchronously, bool transaction)
    {
        await using var shop = await OpenAsync();
        await using var db = await shop.NewContextElsewhereAsync();
        db.Add("A1");
        db.Jobs().Add(new Pack("A1"));
        await using var begun = transaction ? await db.Database.BeginTransactionAsync(Token) : null;

        var error = await Should.ThrowAsync<InvalidOperationException>(() => db.SaveAsync(asynchronously));

        error.Message.ShouldContain(Database.Name);
        error.Message.ShouldContain(Database.OtherName);
        if (begun is not null)
        {
            await begun.CommitAsync(Token);
        }

        (await db.Orders.CountAsync(Token)).ShouldBe(0);
        (await shop.StoredAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_savepoints_a_context_on_another_database_has_written_nothing_when_it_is_refused()
    {
        await using var shop = await OpenAsync();
        await using var db = await shop.NewContextElsewhereAsync();
        db.Database.AutoSavepointsEnabled = false;
        db.Add("A1");
        db.Jobs().Add(new Pack("A1"));
        await using var transaction = await db.Database.BeginTransactionAsync(Token);

        _ = await Should.ThrowAsync<InvalidOperationException>(() => db.SaveChangesAsync(Token));

        await transaction.CommitAsync(Token);
        (await db.Orders.CountAsync(Token)).ShouldBe(0);
    }
}
