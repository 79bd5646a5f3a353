using Microsoft.EntityFrameworkCore;

namespace Simmer.EntityFrameworkCore.Tests.Support;

public sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    public Order Add(string number)
    {
        var order = new Order { Number = number };
        Orders.Add(order);
        return order;
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.Entity<Order>().HasIndex(static o => o.Number).IsUnique();
}
