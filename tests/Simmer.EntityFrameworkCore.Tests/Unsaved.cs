using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Simmer.EntityFrameworkCore.Tests.Support;

namespace Simmer.EntityFrameworkCore.Tests;

public abstract class Unsaved<TDatabase> : ShopTest<TDatabase>
    where TDatabase : IShopDatabase, new()
{
    [Fact]
    public async Task A_disposed_context_drops_its_jobs_and_takes_no_more()
    {
        await using var shop = await OpenAsync();
        var db = shop.NewContext();
        var jobs = db.Jobs();
        jobs.Add(new Pack("A1"));

        await db.DisposeAsync();

        _ = Should.Throw<ObjectDisposedException>(() => db.Jobs());
        _ = Should.Throw<ObjectDisposedException>(() => jobs.Add(new Pack("A2")));
        (await shop.StoredAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Clearing_the_change_tracker_drops_the_jobs_with_the_entities()
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        db.Add("A1");
        db.Jobs().Add(new Pack("A1"));

        db.ChangeTracker.Clear();
        await db.SaveChangesAsync(Token);

        (await shop.OrdersAsync()).ShouldBeEmpty();
        (await shop.StoredAsync()).ShouldBeEmpty();
        db.Jobs().Add(new Pack("A2"));
        await db.SaveChangesAsync(Token);
        (await shop.KindsAsync()).ShouldBe(["pack"]);
    }

    [Fact]
    public async Task Clearing_the_jobs_leaves_the_entities()
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        db.Add("A1");
        db.Jobs().Add(new Pack("A1"));

        db.Jobs().Clear();
        await db.SaveChangesAsync(Token);

        (await shop.OrdersAsync()).ShouldBe(["A1"]);
        (await shop.StoredAsync()).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_pooled_context_takes_no_jobs_from_one_lease_to_the_next(bool asynchronously)
    {
        await using var shop = await OpenPooledAsync();
        var factory = shop.Services.GetRequiredService<IDbContextFactory<ShopContext>>();
        var first = await factory.CreateDbContextAsync(Token);
        first.Jobs().Add(new Pack("A1"));
        first.Add("A1");
        await (asynchronously ? first.DisposeAsync() : Done(first.Dispose));

        await using var second = await factory.CreateDbContextAsync(Token);
        second.ShouldBeSameAs(first);
        second.Jobs().Count.ShouldBe(0);
        await second.SaveAsync(asynchronously);

        (await shop.StoredAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_lease_of_a_pooled_context_keeps_what_was_not_accepted()
    {
        await using var shop = await OpenPooledAsync();
        var factory = shop.Services.GetRequiredService<IDbContextFactory<ShopContext>>();
        for (var lease = 1; lease <= 3; lease++)
        {
            await using var db = await factory.CreateDbContextAsync(Token);
            db.Jobs().Add(new Pack("A1"));
            await using (var transaction = await db.Database.BeginTransactionAsync(Token))
            {
                await db.SaveChangesAsync(acceptAllChangesOnSuccess: lease == 2, Token);
            }

            db.Jobs().Count.ShouldBe(lease == 2 ? 0 : 1, "the transaction was rolled back");
        }
    }

    private static ValueTask Done(Action action)
    {
        action();
        return ValueTask.CompletedTask;
    }

    private Task<Shop> OpenPooledAsync() => OpenAsync(services: s => s.AddPooledDbContextFactory<ShopContext>(
        o =>
        {
            Database.Use(o);
            o.UseSimmer();
        },
        poolSize: 1));
}
