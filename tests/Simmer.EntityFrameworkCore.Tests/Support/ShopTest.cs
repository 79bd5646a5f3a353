using Microsoft.Extensions.DependencyInjection;

namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>The ground of tests that hold on every database.</summary>
public abstract class ShopTest<TDatabase> : IAsyncLifetime
    where TDatabase : IShopDatabase, new()
{
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected TDatabase Database { get; } = new();

    public ValueTask InitializeAsync() => Database.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected Task<Shop> OpenAsync(bool works = false, Action<SimmerBuilder>? simmer = null, Action<IServiceCollection>? services = null) =>
        Shop.OpenAsync(Database, works, simmer, services);
}
