using System.Collections.Concurrent;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Simmer.EntityFrameworkCore.Tests.Support;
using Simmer.Tests.Callers;

namespace Simmer.EntityFrameworkCore.Tests;

public abstract class Saving<TDatabase> : ShopTest<TDatabase>
    where TDatabase : IShopDatabase, new()
{
    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_job_is_stored_with_the_entities_and_not_before(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        db.Add("A1");
        var handle = db.Jobs().Add(new Pack("A1"));
        (await shop.Jobs.GetAsync(handle.Id, Token)).ShouldBeNull();
        (handle.State, db.Jobs().Count).ShouldBe((JobState.Unknown, 1));

        (await db.SaveAsync(asynchronously)).ShouldBe(1);

        (await shop.StoredAsync()).ShouldBe([handle.Id]);
        (await shop.OrdersAsync()).ShouldBe(["A1"]);
        (handle.State, handle.IsDuplicate, db.Jobs().Count).ShouldBe((JobState.Ready, false, 0));
    }

    [Theory]
    [MemberData(nameof(Caller.Grounds), MemberType = typeof(Caller))]
    public async Task A_save_may_be_waited_for_wherever_it_is_made(string ground)
    {
        await using var shop = await OpenAsync(works: true);
        using var caller = new Caller(ground);
        foreach (var changes in new[] { true, false })
        {
            await using var db = shop.NewContext();
            if (changes)
            {
                db.Add("A1");
            }

            var handle = db.Jobs().Add(new Ship("A1"));

            // Asynchronously Npgsql's own provider for EF wants to go on there.
            await caller.DoAsync(() => _ = db.SaveChanges(), "SaveChanges");

            (await handle.WaitAsync(Token).WaitAsync(TimeSpan.FromSeconds(20), Token)).ShouldBe("A1 is on its way");
        }
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_job_without_changed_entities_is_stored_and_once(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        var handle = db.Jobs().Add(new Pack("A1"));

        (await db.SaveAsync(asynchronously)).ShouldBe(0);
        (await db.SaveAsync(asynchronously)).ShouldBe(0);

        (await shop.StoredAsync()).ShouldBe([handle.Id]);
        handle.State.ShouldBe(JobState.Ready);
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Entities_that_cannot_be_saved_leave_no_job_and_the_next_save_stores_it_with_what_became_of_them(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        db.Add("A1");
        var twin = db.Add("A1");
        var handle = db.Jobs().Add(new Pack("A1"));

        _ = await Should.ThrowAsync<DbUpdateException>(() => db.SaveAsync(asynchronously));
        (await shop.StoredAsync()).ShouldBeEmpty();
        (handle.State, db.Jobs().Count).ShouldBe((JobState.Unknown, 1));

        twin.Number = "A2";
        await db.SaveAsync(asynchronously);
        (await shop.StoredAsync()).ShouldBe([handle.Id]);
        (await shop.OrdersAsync()).ShouldBe(["A1", "A2"]);
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_job_that_the_database_refuses_fails_the_whole_save_and_all_of_it_waits_for_the_next(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        db.Add("A1");
        var handle = db.Jobs().Add(new Pack("A1"));
        await shop.ExecuteAsync(Database.RefuseJobs);

        var error = await Should.ThrowAsync<DbUpdateException>(() => db.SaveAsync(asynchronously));
        error.Message.ShouldContain("no jobs today");
        error.Message.ShouldContain(nameof(ShopContext));
        (await shop.OrdersAsync()).ShouldBeEmpty();

        await shop.ExecuteAsync(Database.TakeJobs);
        (await db.SaveAsync(asynchronously)).ShouldBe(1);
        (await shop.StoredAsync()).ShouldBe([handle.Id]);
        (await shop.OrdersAsync()).ShouldBe(["A1"]);
    }

    [Fact]
    public async Task Jobs_and_workflows_run_in_the_order_in_which_they_were_added()
    {
        var run = new ConcurrentQueue<string>();
        await using var shop = await OpenAsync(works: true, simmer: s => s
            .Configure(static o => o.Queues["default"].Concurrency = 1)
            .AddJob((Label job, CancellationToken _) => Task.Run(() => run.Enqueue(job.Text))));
        await using var db = shop.NewContext();
        db.Jobs().Add(new Label("first"));
        db.Jobs().Add(new Label("second"));
        db.Jobs().Add(Chain.Of(new Label("third")));
        var last = db.Jobs().Add(new Label("fourth"));

        await db.SaveChangesAsync(Token);

        await last.WaitAsync(Token);
        run.ShouldBe(["first", "second", "third", "fourth"]);
    }

    [Fact]
    public async Task A_jobs_result_can_be_waited_for_with_the_handle_that_was_given_before_the_save()
    {
        await using var shop = await OpenAsync(works: true);
        await using var db = shop.NewContext();
        db.Add("A1");
        JobHandle<string> handle = db.Jobs().Add(new Ship("A1"));

        await db.SaveChangesAsync(Token);

        (await handle.WaitAsync(Token)).ShouldBe("A1 is on its way");
    }

    [Fact]
    public async Task A_chain_is_stored_whole_with_the_entities_and_runs()
    {
        await using var shop = await OpenAsync(works: true);
        await using var db = shop.NewContext();
        db.Add("A1");
        WorkflowHandle<string> handle = db.Jobs()
            .Add(Chain.Of(new Pack("A1")).Then(new Ship("A1")), new WorkflowOptions { Name = "delivery" });
        (await handle.GetAsync(Token)).ShouldBeNull();

        await db.SaveChangesAsync(Token);

        handle.State.ShouldBe(WorkflowState.Running);
        (await handle.WaitAsync(Token)).ShouldBe("A1 is on its way");
        (await handle.GetAsync(Token))!.Name.ShouldBe("delivery");
    }

    [Fact]
    public async Task A_workflow_of_which_a_step_is_refused_fails_the_whole_save()
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        db.Add("A1");
        var handle = db.Jobs().Add(Group.Of(new Pack("A1"), new Pack("A2")));
        await shop.ExecuteAsync(Database.RefuseJobs);

        _ = await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync(Token));

        (await shop.OrdersAsync()).ShouldBeEmpty();
        (await handle.GetAsync(Token)).ShouldBeNull();
        handle.State.ShouldBe(WorkflowState.Unknown);
    }

    [Fact]
    public async Task Where_another_job_holds_the_unique_key_the_handle_becomes_that_ones()
    {
        await using var shop = await OpenAsync();
        var once = new EnqueueOptions { UniqueKey = "A1" };
        var first = await shop.Jobs.EnqueueAsync(new Pack("A1"), once, Token);
        await using var db = shop.NewContext();
        db.Add("A1");
        var second = db.Jobs().Add(new Pack("A1"), once);

        await db.SaveChangesAsync(Token);

        (second.Id, second.IsDuplicate, second.State).ShouldBe((first.Id, true, JobState.Ready));
        second.IsFoundByKey.ShouldBeTrue();
        (await shop.StoredAsync()).ShouldBe([first.Id]);
        (await shop.OrdersAsync()).ShouldBe(["A1"]);
    }

    [Fact]
    public async Task What_an_id_of_ones_own_was_stored_for_before_is_not_stored_again()
    {
        await using var shop = await OpenAsync();
        var id = new JobId(Guid.CreateVersion7());
        foreach (var number in new[] { "A1", "A2" })
        {
            await using var db = shop.NewContext();
            db.Add(number);
            var handle = db.Jobs().Add(new Pack(number), new EnqueueOptions { Id = id });
            await db.SaveChangesAsync(Token);
            (handle.IsDuplicate, handle.IsFoundByKey).ShouldBe((number == "A2", false));
        }

        (await shop.StoredAsync()).ShouldBe([id]);
    }

    [Fact]
    public async Task A_job_is_stored_as_it_was_when_it_was_added()
    {
        await using var shop = await OpenAsync(simmer: static s => s.AddJob<Basket>());
        await using var db = shop.NewContext();
        var basket = new Basket(["bread"]);
        var handle = db.Jobs().Add(basket);
        basket.Goods.Add("butter");

        await db.SaveChangesAsync(Token);

        Encoding.UTF8.GetString((await handle.GetAsync(Token))!.Payload.Span).ShouldBe("""{"goods":["bread"]}""");
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_job_that_an_interceptor_adds_while_the_context_saves_is_part_of_the_save(bool asynchronously)
    {
        await using var shop = await OpenAsync();
        var trouble = new Trouble { Before = 1 };
        await using var db = shop.NewContext(o => o.AddInterceptors(new PackEveryOrder(), trouble));
        db.Add("A1");

        _ = await Should.ThrowAsync<TroubleException>(() => db.SaveAsync(asynchronously));
        (await shop.StoredAsync()).ShouldBeEmpty();
        (await shop.OrdersAsync()).ShouldBeEmpty();

        db.Jobs().Clear();
        await db.SaveAsync(asynchronously);
        (await shop.KindsAsync()).ShouldBe(["pack"]);
        (await shop.OrdersAsync()).ShouldBe(["A1"]);
    }

    private sealed class PackEveryOrder : SaveChangesInterceptor
    {
        public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
        {
            foreach (var order in eventData.Context!.ChangeTracker.Entries<Order>())
            {
                eventData.Context.Jobs().Add(new Pack(order.Entity.Number));
            }

            return result;
        }

        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result,
            CancellationToken cancellationToken = default) =>
            new(SavingChanges(eventData, result));
    }
}
