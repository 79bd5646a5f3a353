using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Simmer.EntityFrameworkCore.Tests.Support;

namespace Simmer.EntityFrameworkCore.Tests;

public abstract class Registering<TDatabase> : ShopTest<TDatabase>
    where TDatabase : IShopDatabase, new()
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_context_in_the_applications_services_finds_Simmer_there_whether_it_is_named_before_the_provider_or_after(
        bool before)
    {
        await using var shop = await OpenAsync(services: s => s.AddDbContext<ShopContext>(o => Configure(o, before)));
        await using var scope = shop.Services.CreateAsyncScope();

        await SavesAsync(shop, scope.ServiceProvider.GetRequiredService<ShopContext>());
    }

    [Fact]
    public async Task A_pooled_context_finds_Simmer()
    {
        await using var shop = await OpenAsync(services: s => s.AddDbContextPool<ShopContext>(o => Configure(o, before: false)));
        await using var scope = shop.Services.CreateAsyncScope();

        await SavesAsync(shop, scope.ServiceProvider.GetRequiredService<ShopContext>());
    }

    [Fact]
    public async Task A_context_from_a_factory_finds_Simmer()
    {
        await using var shop = await OpenAsync(services: s => s.AddDbContextFactory<ShopContext>(o => Configure(o, before: true)));
        await using var db = await shop.Services.GetRequiredService<IDbContextFactory<ShopContext>>().CreateDbContextAsync(Token);

        await SavesAsync(shop, db);
    }

    [Fact]
    public async Task A_context_may_name_its_provider_and_Simmer_itself()
    {
        await using var shop = await OpenAsync(services: s => s.AddSingleton<IShopDatabase>(Database)
            .AddDbContext<SelfMadeContext>(static o => o.UseSimmer()));
        await using var scope = shop.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SelfMadeContext>();
        db.Set<Order>().Add(new Order { Number = "A1" });

        await SavesAsync(shop, db);

        (await shop.OrdersAsync()).ShouldBe(["A1"]);
    }

    private static async Task SavesAsync(Shop shop, DbContext db)
    {
        var handle = db.Jobs().Add(new Pack("A1"));
        db.Jobs().ShouldBeSameAs(db.Jobs());
        await db.SaveChangesAsync(Token);
        (await shop.StoredAsync()).ShouldBe([handle.Id]);
    }

    private void Configure(DbContextOptionsBuilder options, bool before)
    {
        if (before)
        {
            options.UseSimmer();
        }

        Database.Use(options);
        if (!before)
        {
            options.UseSimmer();
        }
    }

    private sealed class SelfMadeContext(DbContextOptions<SelfMadeContext> options, IShopDatabase database) : DbContext(options)
    {
        protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => database.Use(optionsBuilder);

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>().ToTable("Orders");
    }
}
