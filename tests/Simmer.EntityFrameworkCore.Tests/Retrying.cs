using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Simmer.EntityFrameworkCore.Tests.Support;

namespace Simmer.EntityFrameworkCore.Tests;

public abstract class Retrying<TDatabase> : ShopTest<TDatabase>
    where TDatabase : IShopDatabase, new()
{
    private readonly Trouble _trouble = new();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task When_an_execution_strategy_tries_again_the_job_is_stored_once_under_the_id_it_has(bool asynchronously, bool entities)
    {
        await using var shop = await OpenAsync();
        await using var db = NewContext(shop);
        if (entities)
        {
            db.Add("A1");
        }

        var handle = db.Jobs().Add(new Pack("A1"));
        var id = handle.Id;
        _trouble.Before = 2;

        await db.SaveAsync(asynchronously);

        _trouble.Before.ShouldBe(0);
        (await shop.StoredAsync()).ShouldBe([id]);
        (handle.Id, handle.State, handle.IsDuplicate, db.Jobs().Count).ShouldBe((id, JobState.Ready, false, 0));
        (await shop.OrdersAsync()).Length.ShouldBe(entities ? 1 : 0);
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task When_the_answer_to_the_commit_is_lost_the_second_attempt_meets_the_job_and_does_not_double_it(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = NewContext(shop);
        var job = db.Jobs().Add(new Pack("A1"));
        var chain = db.Jobs().Add(Chain.Of(new Ship("A1")).Then(new Thank("A1")));
        _trouble.After = 1;

        await db.SaveAsync(asynchronously);

        _trouble.After.ShouldBe(0);
        (await shop.KindsAsync()).ShouldBe(["pack", "ship", "thank"]);
        (job.IsDuplicate, job.State).ShouldBe((false, JobState.Ready));
        (chain.IsDuplicate, chain.State).ShouldBe((false, WorkflowState.Running));
    }

    [Fact]
    public async Task A_job_that_has_run_already_when_the_second_attempt_comes_does_not_run_again()
    {
        var runs = 0;
        await using var shop = await OpenAsync(works: true,
            simmer: s => s.AddJob((Label _, CancellationToken _) => Task.FromResult(Interlocked.Increment(ref runs))));
        JobHandle? handle = null;
        await using var db = shop.NewContext(
            o => o.AddInterceptors(_trouble),
            d => new PatientStrategy(d, onRetry: () => handle!.WaitAsync(Token).GetAwaiter().GetResult()));
        handle = db.Jobs().Add(new Label("fragile"));
        _trouble.After = 1;

        await db.SaveChangesAsync(Token);

        (handle.State, handle.IsDuplicate).ShouldBe((JobState.Ready, false));
        await (await shop.Jobs.EnqueueAsync(new Label("the next"), cancellationToken: Token)).WaitAsync(Token);
        runs.ShouldBe(2);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task A_unit_of_work_that_is_tried_again_whole_stores_its_jobs_once(int before, int after)
    {
        await using var shop = await OpenAsync();
        await using var db = NewContext(shop);
        var order = db.Add("A1");
        var handle = db.Jobs().Add(new Pack("A1"));
        (_trouble.Before, _trouble.After) = (before, after);

        // The way that EF's documentation shows for commits whose outcome may be unknown.
        await db.Database.CreateExecutionStrategy().ExecuteInTransactionAsync(
            () => db.SaveChangesAsync(acceptAllChangesOnSuccess: false, Token),
            () => db.Orders.AsNoTracking().AnyAsync(o => o.Id == order.Id, Token));
        db.ChangeTracker.AcceptAllChanges();
        await db.SaveChangesAsync(Token);

        (_trouble.Before, _trouble.After).ShouldBe((0, 0));
        (await shop.StoredAsync()).ShouldBe([handle.Id]);
        (await shop.OrdersAsync()).ShouldBe(["A1"]);
        (handle.State, handle.IsDuplicate, db.Jobs().Count).ShouldBe((JobState.Ready, false, 0));
    }

    [Fact]
    public async Task Jobs_without_entities_are_tried_again_with_their_unit_of_work()
    {
        await using var shop = await OpenAsync();
        await using var db = NewContext(shop);
        var handle = db.Jobs().Add(new Pack("A1"));
        _trouble.Before = 1;

        await db.Database.CreateExecutionStrategy()
            .ExecuteInTransactionAsync(() => db.SaveChangesAsync(acceptAllChangesOnSuccess: false, Token),
            static () => Task.FromResult(false));

        (await shop.StoredAsync()).ShouldBe([handle.Id]);
        db.Jobs().Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_job_that_an_interceptor_added_is_tried_again_with_its_unit_of_work()
    {
        await using var shop = await OpenAsync();
        var added = new AddOnce();
        await using var db = NewContext(shop, o => o.AddInterceptors(added));
        db.Add("A1");
        _trouble.Before = 1;

        await db.Database.CreateExecutionStrategy()
            .ExecuteInTransactionAsync(() => db.SaveChangesAsync(acceptAllChangesOnSuccess: false, Token),
            static () => Task.FromResult(false));

        (await shop.StoredAsync()).ShouldBe([added.Handle!.Id]);
        (await shop.OrdersAsync()).ShouldBe(["A1"]);
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task When_the_strategy_gives_up_the_jobs_wait_for_the_next_save(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = NewContext(shop);
        db.Add("A1");
        var handle = db.Jobs().Add(new Pack("A1"));
        _trouble.Before = 3;

        _ = await Should.ThrowAsync<RetryLimitExceededException>(() => db.SaveAsync(asynchronously));
        (await shop.StoredAsync()).ShouldBeEmpty();
        (handle.State, db.Jobs().Count).ShouldBe((JobState.Unknown, 1));

        await db.SaveAsync(asynchronously);
        (await shop.StoredAsync()).ShouldBe([handle.Id]);
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_strategy_sees_why_the_jobs_could_not_be_stored_and_may_try_again(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await shop.ExecuteAsync(Database.RefuseJobs);
        await using var db = shop
            .NewContext(strategy: d =>
            new PatientStrategy(d, static e => e is StoreException or DbException,
                () => shop.ExecuteAsync(Database.TakeJobs).GetAwaiter().GetResult()));
        db.Add("A1");
        var handle = db.Jobs().Add(new Pack("A1"));

        await db.SaveAsync(asynchronously);

        (await shop.StoredAsync()).ShouldBe([handle.Id]);
        (await shop.OrdersAsync()).ShouldBe(["A1"]);
    }

    private ShopContext NewContext(Shop shop, Action<DbContextOptionsBuilder>? more = null) => shop.NewContext(
        o =>
        {
            o.AddInterceptors(_trouble);
            more?.Invoke(o);
        },
        static d => new PatientStrategy(d));
}
